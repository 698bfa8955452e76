// For the command line, which serves the same page from a storage without the application.
export type { DashboardSource, ProcessState } from './dashboard-source.js';
export { POLICY_HEADERS } from './http/policy-headers.js';
export type { Answer, DashboardRequest } from './http/answer.js';
export { readRequest } from './http/dashboard-request.js';
export { OpenRequests } from './http/open-requests.js';
export { sendAnswer } from './http/send-answer.js';
export { DashboardSite } from './site/dashboard-site.js';
export { notedStates } from './process-states.js';
export type { SiteOptions } from './site/site.js';
