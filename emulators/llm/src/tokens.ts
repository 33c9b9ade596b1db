/** About four characters make a token of English or code; no real tokenizer is as cheap or more honest here. */
const charactersPerToken = 4

export function countTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken)
}

/** The beginning of a text that fits into so many tokens. */
export function firstTokens(text: string, tokens: number): string {
  return text.slice(0, Math.max(0, tokens) * charactersPerToken)
}
