// The node's API, typed from its own document. Every failure becomes a `Failure` that a page can word; none is swallowed.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

type Schemas = components['schemas'];
export type Problem = Schemas['Problem'];
export type Me = Schemas['Me'];
export type Overview = Schemas['Overview'];
export type Incident = Schemas['Incident'];
export type IncidentSummary = Schemas['IncidentSummary'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type IncidentStatus = Schemas['IncidentStatus'];
export type Disposition = Schemas['Disposition'];
export type AlertSummary = Schemas['AlertSummary'];
export type HostSummary = Schemas['HostSummary'];
export type HostDetail = Schemas['HostDetail'];
export type HostProcess = Schemas['HostProcess'];
export type HostAnswer = Schemas['HostAnswer'];
export type Command = Schemas['Command'];
export type ResponseAction = Schemas['ResponseAction'];
export type Consequences = Schemas['Consequences'];
export type Sentence = Schemas['Sentence'];
export type GraphNode = Schemas['Node'];
export type GraphEdge = Schemas['Edge'];
export type Graph = Schemas['Graph'];
export type EdgeKind = Schemas['EdgeKind'];
export type HuntResult = Schemas['HuntResult'];
export type SavedQuery = Schemas['SavedQuery'];
export type IntegrityChange = Schemas['IntegrityChange'];
export type Baseline = Schemas['Baseline'];
export type BaselineView = Schemas['BaselineView'];
export type BaselineSubject = Schemas['BaselineSubject'];
export type BaselineHabit = Schemas['BaselineHabit'];
export type QuarantineItem = Schemas['QuarantineItem'];
export type StreamEvent = Schemas['StreamEvent'];
export type Preferences = Schemas['Preferences'];
export type EventRow = Schemas['EventRow'];
export type Schema = Schemas;

/** What went wrong, as the node said it, or `unreachable` when it said nothing. */
export class Failure extends Error {
  constructor(
    readonly code: Problem['code'] | 'unreachable',
    readonly detail: string,
    readonly problem?: Problem,
  ) {
    super(detail || code);
  }
}

let csrf = '';
export const setCsrf = (token: string) => {
  csrf = token;
};

const http = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });
http.use({
  onRequest({ request }) {
    if (request.method !== 'GET' && csrf) request.headers.set('X-CSRF-Token', csrf);
    return request;
  },
});
export const api = http;

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer, or the failure thrown. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch (error) {
    throw new Failure('unreachable', error instanceof Error ? error.message : String(error));
  }
  if (settled.response.ok) return settled.data as T;
  throw failure(settled.error, settled.response.status);
}

function failure(error: unknown, status: number): Failure {
  if (error && typeof error === 'object' && 'code' in error && 'detail' in error) {
    const problem = error as Problem;
    return new Failure(problem.code, problem.detail, problem);
  }
  return new Failure(status === 401 ? 'not_signed_in' : 'internal', `HTTP ${status}`);
}
