/** The sign: a pod behind glass. */

/** Decorative. */
export function Logo() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" aria-hidden>
      <rect x="1.25" y="1.25" width="17.5" height="17.5" rx="4" stroke="currentColor" strokeWidth="1.5" />
      <path
        d="M10 4.6 14.7 7.3v5.4L10 15.4 5.3 12.7V7.3Z"
        fill="var(--state-ready)"
        stroke="currentColor"
        strokeWidth="1.2"
        strokeLinejoin="round"
      />
    </svg>
  );
}
