import { startInstallation } from '../../apps/cli/src/local-installation.ts'
import { type Figure, figure, type Measure } from '../figure.ts'

/** From nothing to ready, as a newcomer meets it; the fleet's own start is measured inside. */
export const measureStart: Measure = async ({ effort, say }) => {
  const rounds = effort === 'quick' ? 1 : 3
  const all: number[] = []
  const fleet: number[] = []
  for (let round = 0; round < rounds; round++) {
    say('starting an installation')
    const started = performance.now()
    let fleetFrom = started
    const installation = await startInstallation({
      progress: message => {
        if (message.includes('fleet')) fleetFrom = performance.now()
      },
    })
    const ready = performance.now()
    all.push((ready - started) / 1_000)
    fleet.push((ready - fleetFrom) / 1_000)
    await installation.stop()
  }
  const middle = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
  const figures: Figure[] = [
    figure({ name: 'eight processes from start to ready', value: middle(fleet), unit: 's', target: '≤ 2 for one' }),
    figure({ name: 'servers, emulators and fleet, warm', value: middle(all), unit: 's', target: 'stated' }),
  ]
  return figures
}
