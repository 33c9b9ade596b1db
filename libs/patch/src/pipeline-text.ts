const topLevel = new Set(['steps', 'jobs', 'stages', 'extends', 'pool', 'trigger', 'schedules'])
const work = new Set(
  'task script bash pwsh powershell checkout template job deployment stage publish download'.split(' '),
)

/**
 * Whether a YAML text reads as a pipeline of Azure DevOps or a template of one, whatever its name: definitions may refer
 * to any file. Linear in the text.
 */
export function readsAsPipeline(text: string): boolean {
  let [margin, hasTop, hasWork] = [-1, false, false]
  for (const line of text.split(/\r\n?|\n/)) {
    const content = line.trimStart()
    if (content === '' || content.startsWith('#') || content.startsWith('---')) continue
    const indent = line.length - content.length
    if (margin === -1) margin = indent
    for (const [place, part] of content.split(/[{,]/).entries()) {
      const key = /^(?:- *)?["']?([A-Za-z]{1,20})["']? *:/.exec(place === 0 ? content : part.trimStart())?.[1] ?? ''
      if (topLevel.has(key) && (place > 0 || indent === margin)) hasTop = true
      if (work.has(key)) hasWork = true
    }
    if (hasTop && hasWork) return true
  }
  return false
}
