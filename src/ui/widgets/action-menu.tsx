/** The actions of an object as a menu at a place in the page: arrows move, Escape and a click elsewhere close it. */
import { useEffect, useRef } from 'react';
import { objectActionsText } from '../i18n/areas/object-actions.ts';
import { useText } from '../i18n/text.ts';
import { actionsFor } from '../model/object-actions.ts';
import { useClickOutside } from './use-click-outside.ts';
import { useActionRunner } from './use-action-runner.ts';
import styles from './action-menu.module.css';
import type { KeyboardEvent } from 'react';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

interface ActionMenuProps {
  object: KubernetesObject;
  /** Where, in the positioned element around it. */
  at: { x: number; y: number };
  label: string;
  /** More lines at the top. */
  extra?: readonly { id: string; label: string; onSelect(): void }[];
  onClose(): void;
}

/** The menu; open as long as it is rendered. */
export function ActionMenu({ object, at, label, extra = [], onClose }: ActionMenuProps) {
  const t = useText(objectActionsText);
  const run = useActionRunner();
  const box = useRef<HTMLDivElement>(null);
  useClickOutside(box, true, onClose);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector('button')?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const lines = [...(box.current?.querySelectorAll('button') ?? [])];
    const index = lines.findIndex((line) => line === document.activeElement);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) lines.at(to % lines.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={box}
      className={styles.menu}
      style={{ left: at.x, top: at.y }}
      role="menu"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {extra.map(({ id, label: text, onSelect }) => (
        <button
          key={id}
          type="button"
          role="menuitem"
          className={styles.item}
          tabIndex={-1}
          onClick={() => {
            onClose();
            onSelect();
          }}
        >
          {text}
        </button>
      ))}
      {actionsFor(object).map((action) => (
        <button
          key={action.id}
          type="button"
          role="menuitem"
          className={styles.item}
          tabIndex={-1}
          onClick={() => {
            onClose();
            run(action, object);
          }}
        >
          <span>{t(action.id)}</span>
          <code className={styles.command}>{action.command}</code>
        </button>
      ))}
    </div>
  );
}
