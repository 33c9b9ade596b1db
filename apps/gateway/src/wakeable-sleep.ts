/** A sleep that can be ended early; being woken while awake ends the next sleep at once, so that no call is lost. */
export function wakeableSleep(): { wake(): void; until(ms: number): Promise<void> } {
  let called = false
  let ring = () => {}
  return {
    wake() {
      called = true
      ring()
    },
    async until(ms) {
      if (!called) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, ms)
          ring = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      called = false
    },
  }
}
