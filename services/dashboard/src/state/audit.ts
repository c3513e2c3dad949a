import { signal } from '@preact/signals';

/** Grows whenever there may be more to read in the audit log; the page that shows it asks again. */
export const auditNews = signal(0);
