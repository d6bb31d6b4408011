import { defineQuery, defineSignal } from '@temporalio/workflow';
import { PAUSE_SIGNAL, PROGRESS_QUERY, RESUME_SIGNAL, type PausePayload, type Progress } from '../domain/messages.ts';

export const pauseSignal = defineSignal<[PausePayload?]>(PAUSE_SIGNAL);
export const resumeSignal = defineSignal<[PausePayload?]>(RESUME_SIGNAL);
export const progressQuery = defineQuery<Progress, [{ since?: number }?]>(PROGRESS_QUERY);
