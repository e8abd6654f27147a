/** A button that opens a menu (ARIA menu button): arrows move, letters jump, Escape and a click elsewhere close it. */
import { ChevronDown } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useClickOutside } from './use-click-outside.ts';
import buttonStyles from './button.module.css';
import styles from './menu.module.css';

/** A line of a menu, or a separator. */
export type MenuItem = { id: string; label: string; icon?: LucideIcon; hint?: string; checked?: boolean; onSelect(): void } | 'separator';

interface MenuProps {
  /** What the button shows. */
  children: ReactNode;
  /** The button's name, where `children` is no text. */
  label?: string;
  items: readonly MenuItem[];
  /** Opens upward, for bars at the bottom. */
  up?: boolean;
  align?: 'start' | 'end';
}

/** The menu and its button. */
export function Menu({ children, label, items, up = false, align = 'start' }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const menuId = useId();
  useClickOutside(box, open, () => setOpen(false));
  useEffect(() => {
    if (open) lines(box.current)[0]?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div className={styles.box} ref={box}>
      <button
        ref={button}
        type="button"
        className={`${buttonStyles.button} ${buttonStyles.plain} ${styles.button}`}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={menuId}
        aria-label={label}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {children}
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden />
      </button>
      {open && (
        <div
          id={menuId}
          role="menu"
          className={`${styles.menu} ${up ? styles.up : ''} ${styles[align]}`}
          onKeyDown={(event) => moveInMenu(event, box.current, close)}
        >
          {items.map((item, index) =>
            item === 'separator' ? (
              <hr key={`separator-${index}`} className={styles.separator} />
            ) : (
              <button
                key={item.id}
                type="button"
                role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
                aria-checked={item.checked}
                className={styles.item}
                tabIndex={-1}
                onClick={() => {
                  close();
                  item.onSelect();
                }}
              >
                {item.icon ? (
                  <item.icon size={16} strokeWidth={1.5} aria-hidden />
                ) : (
                  item.checked !== undefined && (
                    <span className={styles.mark} aria-hidden>
                      {item.checked ? '✓' : ''}
                    </span>
                  )
                )}
                <span className={styles.label}>{item.label}</span>
                {item.hint && <kbd>{item.hint}</kbd>}
              </button>
            ),
          )}
        </div>
      )}
    </div>
  );
}

function lines(box: HTMLElement | null): HTMLButtonElement[] {
  return [...(box?.querySelectorAll<HTMLButtonElement>('[role^=menuitem]') ?? [])];
}

function moveInMenu(event: KeyboardEvent, box: HTMLElement | null, close: () => void): void {
  const items = lines(box);
  const at = items.findIndex((item) => item === document.activeElement);
  const go = (index: number) => items[(index + items.length) % items.length]?.focus();
  const moves: Record<string, () => void> = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Home: () => go(0),
    End: () => go(-1),
    Escape: close,
    Tab: close,
  };
  const move = moves[event.key];
  if (move) {
    event.preventDefault();
    event.stopPropagation();
    move();
  } else if (event.key.length === 1 && event.key !== ' ') {
    const letter = event.key.toLowerCase();
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    after.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter))?.focus();
    event.stopPropagation();
  }
}
