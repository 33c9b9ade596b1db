/** How the model's indentation and the file's correspond: one pair per line that was found. */
export type IndentPair = { said: string; real: string; starred: boolean }

/** Maps the model's indentation to the file's; undefined where it does not apply. */
export type IndentModel = (said: string) => string | undefined

export type IndentModels = { shifts: IndentModel[]; scales: IndentModel[] }

/** Every simple rule that explains all pairs: the same prefix more or less, another width, tabs for spaces or the reverse. */
export function indentModels(pairs: readonly IndentPair[]): IndentModels {
  const explains = (model: IndentModel) => pairs.every(({ said, real }) => model(said) === real)
  return { shifts: shiftsOf(pairs).filter(explains), scales: scalesOf(pairs).filter(explains) }
}

function shiftsOf(pairs: readonly IndentPair[]): IndentModel[] {
  const models: IndentModel[] = [said => said]
  const first = pairs[0]
  if (!first) return models
  const { said: s, real: r } = first
  if (r.endsWith(s) && r !== s) {
    const prefix = r.slice(0, r.length - s.length)
    models.push(said => prefix + said)
  }
  if (s.endsWith(r) && r !== s) {
    const prefix = s.slice(0, s.length - r.length)
    models.push(said => (said.startsWith(prefix) ? said.slice(prefix.length) : undefined))
  }
  return models
}

function scalesOf(pairs: readonly IndentPair[]): IndentModel[] {
  const models: IndentModel[] = []
  for (const width of [1, 2, 3, 4, 5, 6, 8]) {
    models.push(said => (said.includes('\t') ? said.replaceAll('\t', ' '.repeat(width)) : said))
    models.push(said => tabbed(said, width))
  }
  const first = pairs.find(({ said, real }) => said !== '' && real !== '' && said.length !== real.length)
  if (first) {
    const { said: s, real: r } = first
    models.push(said => {
      const length = (said.length * r.length) / s.length
      if (!Number.isInteger(length) || !uniform(said, s) || !uniform(r, r)) return undefined
      return (r[0] ?? ' ').repeat(length)
    })
  }
  return models
}

function tabbed(said: string, width: number): string {
  const spaces = said.replaceAll('\t', ' '.repeat(width)).length
  return '\t'.repeat(Math.floor(spaces / width)) + ' '.repeat(spaces % width)
}

function uniform(text: string, like: string): boolean {
  return [...text].every(char => char === like[0])
}
