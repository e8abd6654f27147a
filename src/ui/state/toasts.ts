/** Short messages at the edge of the window. */
import { create } from 'zustand';
import { announce } from './announcer.ts';

/** A message; an error stays until it is closed. */
export interface Toast {
  id: number;
  tone: 'info' | 'error';
  text: string;
  /** More, in small type: Kubernetes' own message. */
  detail?: string;
  action?: { label: string; run(): void };
  /** Stays until it is closed, as an error does. */
  stays?: boolean;
}

/** How long a message stays, ms; less than that nobody reads. */
export const TOAST_MS = 6000;
const MOST = 4;

export const useToasts = create<{ toasts: readonly Toast[] }>()(() => ({ toasts: [] }));
let lastId = 0;

/** Shows a message and has it read aloud. The same text twice is one. */
export function showToast(toast: Omit<Toast, 'id' | 'tone'> & { tone?: Toast['tone'] }): void {
  const shown: Toast = { tone: 'info', ...toast, id: ++lastId };
  useToasts.setState(({ toasts }) => ({
    toasts: [...toasts.filter(({ text, detail }) => text !== shown.text || detail !== shown.detail), shown].slice(-MOST),
  }));
  announce(shown.detail ? `${shown.text} ${shown.detail}` : shown.text);
}

/** Takes a message away. */
export function closeToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}
