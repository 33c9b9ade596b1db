/** Up to three paths that a wrong path may have meant: same letters, same end, or same name. */
export function similarPaths(wanted: string, paths: Iterable<string>): string[] {
  const lower = wanted.toLowerCase()
  const name = lower.slice(lower.lastIndexOf('/') + 1)
  const scored: { path: string; score: number }[] = []
  for (const path of paths) {
    const other = path.toLowerCase()
    if (other === lower) scored.push({ path, score: 3 })
    else if (other.endsWith(`/${lower}`) || lower.endsWith(`/${other}`)) scored.push({ path, score: 2 })
    else if (other === name || other.endsWith(`/${name}`)) scored.push({ path, score: 1 })
  }
  return scored
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
    .slice(0, 3)
    .map(({ path }) => path)
}
