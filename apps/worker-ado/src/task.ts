/** What a task is asked to do: its row in Postgres says the rest. */
export type TaskInput = { taskId: string; generation: number }
