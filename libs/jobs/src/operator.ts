/** What a run's thread says when those who operate the service stopped it and gave no reason of their own. */
export const cancelledByOperators = 'Cancelled by those who run this service.'
