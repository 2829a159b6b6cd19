import { Marked, type Tokens } from 'marked';

/** Pages of docs/ that are served; links to any other become plain text. */
export const TEXT_PAGES = ['protocol', 'errors'] as const;

const SERVED = new RegExp(`^(${TEXT_PAGES.join('|')})\\.md(#.*)?$`);

/**
 * A page of docs/ as HTML. Headings have the anchors that GitHub gives them; so has the first row of a table that begins
 * with a code, under that code, which is where `type` of a problem leads.
 */
export function textPage(markdown: string): { title: string; html: string } {
  const taken = new Set<string>();
  const anchor = (id: string) => {
    if (taken.has(id)) return '';
    taken.add(id);
    return ` id="${id}"`;
  };
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth}${anchor(slugOf(text))}>${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      table(token) {
        const head = token.header.map((cell) => `<th scope="col">${this.parser.parseInline(cell.tokens)}</th>`).join('');
        const rows = token.rows.map((cells) => {
          const code = codeOf(cells[0]);
          const inner = cells.map((cell) => `<td>${this.parser.parseInline(cell.tokens)}</td>`).join('');
          return `<tr${code === undefined ? '' : anchor(code)}>${inner}</tr>`;
        });
        // A table may be wider than a phone: it scrolls by itself, and by keyboard.
        return `<div class="table" role="region" aria-label="Table" tabindex="0"><table><thead><tr>${head}</tr></thead>`
          + `<tbody>${rows.join('')}</tbody></table></div>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const target = href.startsWith('#') ? href : SERVED.exec(href)?.slice(1).join('');
        return target === undefined && !href.startsWith('https:') ? text : `<a href="${target ?? href}">${text}</a>`;
      },
    },
  });
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? '';
  return { title, html: marked.parse(markdown, { async: false }) };
}

/** The code that a table's row is about. */
function codeOf(cell: Tokens.TableCell | undefined): string | undefined {
  return /^`(\w+)`$/.exec(cell?.text.trim() ?? '')?.[1];
}

/** As GitHub makes anchors of headings. */
function slugOf(title: string): string {
  return title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}
