/** Variables as the operating system has them; a variable set to nothing counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The only reader of process.env, so that what a process may depend on is seen in one place. */
export function environment(): Environment {
  return Object.freeze({ ...process.env })
}

/** For libraries that are told by their environment alone: set before they are loaded. */
export function tellLibraries(variables: Environment): void {
  Object.assign(process.env, variables)
}
