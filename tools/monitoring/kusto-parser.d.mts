/**
 * @param tables columns by name of the table, as `Name: string, Sum: real`
 * @returns what is wrong with a query of them: one sentence for each thing
 */
export function kustoParser(tables: Readonly<Record<string, string>>): (query: string) => string[]
