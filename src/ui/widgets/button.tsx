/** Native buttons in the house style. */
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  /** `primary`: the one blue button of a place. `plain`: without a border until it is pointed at. */
  look?: 'primary' | 'normal' | 'plain' | 'danger';
  icon?: LucideIcon;
  children?: ReactNode;
}

const classes = (...names: (string | undefined | false)[]) => names.filter(Boolean).join(' ');

/** A button with a text, and an icon before it if wanted. */
export function Button({ look = 'normal', icon: Icon, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={classes(styles.button, styles[look], className)} {...rest}>
      {Icon && <Icon size={16} strokeWidth={1.5} aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: LucideIcon;
  /** Its name: read aloud, and shown when it is pointed at. */
  label: string;
  /** The key that does the same, shown after the name. */
  keys?: string;
  look?: 'normal' | 'plain';
}

/** A button that is only an icon. */
export function IconButton({ icon: Icon, label, keys, look = 'plain', className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={classes(styles.button, styles[look], styles.icon, className)}
      aria-label={label}
      aria-keyshortcuts={keys?.replace('→', 'ArrowRight').replaceAll(' ', '+')}
      title={keys ? `${label} (${keys})` : label}
      {...rest}
    >
      <Icon size={18} strokeWidth={1.5} aria-hidden />
    </button>
  );
}
