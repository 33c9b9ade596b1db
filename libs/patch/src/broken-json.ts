import { withoutBom } from './text-lines.ts'

/** Why an edit must not leave a file as it does: it was JSON, and is none any more. Undefined for any other file. */
export function brokenJson(path: string, before: string, after: string): string | undefined {
  // What was no JSON before (comments, templates) cannot be judged; an emptied file was meant to be.
  if (!/\.(?:json|webmanifest)$/i.test(path) || after === '' || jsonFault(before) !== undefined) return undefined
  const fault = jsonFault(after)
  return fault && `The file was valid JSON and would not be any more: ${fault}.`
}

function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(withoutBom(text))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be parsed'
  }
}
