import { type ErrorName, errors } from '../contract/errors.ts'

/** An answer that says no, in the body every area of Azure DevOps uses. */
export class ServiceError extends Error {
  readonly status: number
  readonly typeName: string
  readonly typeKey: string
  readonly eventId: number

  constructor(name: ErrorName, ...details: (string | number)[]) {
    const entry = errors[name]
    super(entry.message.replace(/\{(\d)\}/g, (_, index: string) => String(details[Number(index)] ?? '')))
    this.name = 'ServiceError'
    this.status = entry.status
    this.typeKey = entry.typeName.split('.').at(-1) ?? ''
    this.typeName = `${entry.typeName}, ${entry.assembly}`
    this.eventId = entry.eventId
  }

  body() {
    return {
      $id: '1',
      innerException: null,
      message: this.message,
      typeName: this.typeName,
      typeKey: this.typeKey,
      errorCode: 0,
      eventId: this.eventId,
    }
  }
}
