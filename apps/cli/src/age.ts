import { WrongUsage } from './command.ts'

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** `90d`, `12h`, `30m`, `2w` in ms. @throws WrongUsage for anything else */
export function ageMs(text: string): number {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? []
  if (count === undefined || (unit !== 'm' && unit !== 'h' && unit !== 'd' && unit !== 'w'))
    throw new WrongUsage(`“${text}” is no age: write it as 90d, 12h, 30m or 2w`)
  return Number(count) * unitMs[unit]
}

/** How long ago, in the largest unit that fits. */
export function ago(moment: Date, now: Date = new Date()): string {
  const ms = Math.max(0, now.getTime() - moment.getTime())
  if (ms >= unitMs.d) return `${Math.floor(ms / unitMs.d)}d`
  if (ms >= unitMs.h) return `${Math.floor(ms / unitMs.h)}h`
  return ms >= unitMs.m ? `${Math.floor(ms / unitMs.m)}m` : `${Math.floor(ms / 1_000)}s`
}
