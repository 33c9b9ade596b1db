import type { Conversation, Utterance } from '../conversation.ts'
import { buttonWays } from './button-ways.ts'
import { type Intent, readIntent } from './intent.ts'
import { lookups } from './lookups.ts'
import { findFile, readView, type View } from './seen-files.ts'
import { textWays } from './text-ways.ts'
import { renderDiff } from './unified-diff.ts'
import type { Way } from './way.ts'

/** What a rule-based author says: strategies to the planner, an edit or an honest no to a variant, or calls of tools. */
export function speak(
  conversation: Conversation,
  task: { variant: number | undefined; of: number | undefined; intent: string },
): Utterance {
  const view = readView(conversation)
  const intent = readIntent(task.intent, view)
  if (task.variant === 0)
    return {
      ...thought('Which ways are there?'),
      text: planText(waysFor(intent, view, task.of ?? 1), task.of ?? 1),
      toolCalls: [],
    }
  const calls = lookups(intent, view, conversation.tools)
  if (calls.length > 0) return { ...thought('I should look at the files first.'), text: '', toolCalls: calls }
  const variant = task.variant ?? 1
  const way = waysFor(intent, view, variant)[variant - 1]
  const text = way ? editText(way) : sorry(intent, view, variant)
  return { ...thought('One careful edit, nothing beside it.'), text, toolCalls: [] }
}

function thought(thinking: string): { thinking: string } {
  return { thinking }
}

function waysFor(intent: Intent, view: View, count: number): Way[] {
  if (intent.kind === 'beyond-me') return []
  return intent.kind === 'colour-buttons' ? buttonWays(intent.colour, view, count) : textWays(intent, view, count)
}

function editText(way: Way): string {
  return `${way.brief}\n\n\`\`\`diff\n${renderDiff(way.changes)}\`\`\`\n`
}

function sorry(intent: Intent, view: View, variant: number): string {
  if (intent.kind === 'beyond-me') {
    return "I can't do this: I only know how to rename or replace a text, and how to colour buttons. I have changed nothing."
  }
  if (intent.kind === 'colour-buttons')
    return "I can't do this: I see neither a stylesheet nor a button in what I was shown. I have changed nothing."
  if (intent.from === intent.to)
    return "I can't do this: the old and the new text are the same. I have changed nothing."
  if (intent.path !== undefined && !findFile(view, intent.path))
    return `I can't do this: I was not shown ${intent.path}. I have changed nothing.`
  if (waysFor(intent, view, 1).length > 0)
    return `I can't think of a way number ${variant} that differs from the others. I have changed nothing.`
  const where = intent.path ?? 'the files I was shown'
  return `I can't do this: "${intent.from}" does not occur in ${where}. I have changed nothing.`
}

const generalStrategies = [
  { name: 'Smallest edit', brief: 'Change as little as possible.' },
  { name: 'At the root', brief: 'Change the place where the behaviour comes from, even if that touches more lines.' },
  { name: 'Defensive', brief: 'Make the change and guard the cases around it.' },
  { name: 'Configurable', brief: 'Make the change behind a named constant or setting.' },
  { name: 'With tests', brief: 'Make the change and cover it with tests.' },
  { name: 'With documentation', brief: 'Make the change and document it where its users look.' },
  { name: 'Extracted', brief: 'Move the changed part into a unit of its own.' },
  { name: 'Consistent', brief: 'Make the change the way neighbouring code does such things.' },
]

function planText(ways: Way[], count: number): string {
  const known = ways.map(({ name, brief }) => ({ name: name.slice(0, 60), brief: brief.slice(0, 2000) }))
  const spare = generalStrategies.filter(strategy => !known.some(other => other.name === strategy.name))
  return JSON.stringify({ strategies: [...known, ...spare].slice(0, count) })
}
