import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** The title of a view: in the page and in the tab. `id` is where the focus goes when the view is entered. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  useEffect(() => { document.title = `${title} · Fieldsync console`; }, [title]);
  return (
    <div class="heading">
      <h1 id="title" tabIndex={-1}>{title}</h1>
      {children !== undefined && <div class="heading-side">{children}</div>}
    </div>
  );
}

/** Where a view lies below another. */
export function Back({ href, children }: { href: string; children: ComponentChildren }) {
  return <a class="back" href={href}>{children}</a>;
}
