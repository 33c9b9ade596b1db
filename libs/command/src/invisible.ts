/**
 * Characters a reader cannot see, or that reorder what they see: controls (but tab and line feed), formatting and bidi
 * controls, fillers, variation selectors, tags, private use, lone surrogates, line and paragraph separators.
 */
const invisible = /[^\P{Cc}\t\n]|[\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u
const everyInvisible = new RegExp(invisible.source, 'gu')

/** What makes ❤️ and 👩‍💻 one picture is no hiding place: one joiner or selector, directly after a pictogram. */
const insidePictogram =
  /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?)\uFE0F?\u200D(?=\p{Extended_Pictographic})|(?<=\p{Emoji})\uFE0F/gu

/** The first hidden character of a text as `U+202E`, if there is one. */
export function findInvisible(text: string): string | undefined {
  const found = invisible.exec(text.replace(insidePictogram, ''))?.[0]
  const codePoint = found?.codePointAt(0)
  return codePoint === undefined ? undefined : `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
}

/** The text without any hidden character; pictograms fall back to their plain form. */
export function withoutInvisible(text: string): string {
  return text.replace(everyInvisible, '')
}
