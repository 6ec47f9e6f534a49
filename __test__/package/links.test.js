/**
 * Every relative link of the README and of `docs/` is alive, in the repository and as installed.
 *
 * Must not know what the pages say. Invariant tested: a link names a file or folder that is there,
 * and an anchor a heading of the page. Files that pages name are there, and pages that code names.
 */
const assert = require('node:assert/strict');
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { before, describe, test } = require('node:test');
const { withLinks } = require('../../packaging/stage');
const { REPOSITORY } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');
const { pack } = require('./tarball');

const LINK = /!?\[[^\]]*\]\(([^)\s]+)\)/g;
const CODE = /^```.*?^```/gms;
/** A file or folder of the repository, in code or in a picture. */
const NAMED_FILE = /(?<![\w./-])((?:src|lib|__test__|benches)\/[\w/-]+(?:\.\w+)*)(?!\.?[\w<*{/-])/g;
const NAMED_PAGE = /\bdocs\/[\w/-]+\.md\b/g;
const SOURCES = ['src', 'lib', '__test__', 'benches', 'index.js', 'index.d.ts'];
const DOCS = readdirSync(path.join(REPOSITORY, 'docs'), { recursive: true })
  .map((name) => `docs/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.md'));
const PAGES = ['README.md', ...DOCS];

/** Where the package is made that is packed. */
const STAGE = path.join(REPOSITORY, 'target', 'package');

const read = (page) => readFileSync(path.join(REPOSITORY, page), 'utf8');

/** A page without its blocks of code, in which brackets are no links and `#` no headings. */
const withoutCode = (text) => text.replaceAll(CODE, '');
const proseOf = (page) => withoutCode(read(page));

/** The anchors of a page, as GitHub and npm make them of its headings. */
function anchorsOf(page) {
  const seen = new Map();
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
    const slug = heading
      .replaceAll(LINK, (whole) => whole.slice(whole.indexOf('[') + 1, whole.indexOf(']')))
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** What is wrong with a link, or `undefined`. */
function fault(page, target, paths) {
  const [file, anchor] = target.split('#');
  const found = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
  const isThere = paths.some((name) => name === found || name.startsWith(`${found}/`));
  if (!isThere) return `${found} is not there`;
  if (anchor === undefined) return undefined;
  return anchorsOf(found).includes(anchor) ? undefined : `${found} has no heading #${anchor}`;
}

/** The texts of all sources below a file or folder. */
function* sourcesOf(name) {
  const whole = path.join(REPOSITORY, name);
  if (/\.(rs|m?js|ts)$/.test(name)) {
    yield { name, text: readFileSync(whole, 'utf8') };
    return;
  }
  for (const file of readdirSync(whole, { recursive: true })) {
    if (file.includes('node_modules') || !/\.(rs|m?js|ts)$/.test(file)) continue;
    yield { name: `${name}/${file}`, text: readFileSync(path.join(whole, file), 'utf8') };
  }
}

/** All files at a place of the repository. */
function* filesOf(name) {
  const whole = path.join(REPOSITORY, name);
  if (name.endsWith('.md')) yield name;
  else for (const file of readdirSync(whole, { recursive: true })) yield `${name}/${file}`;
}

/** Whether a link leads to another host. */
const isAway = (target) => /^https?:/.test(target);

/** What all relative links of a text lead to that are not alive. */
function faults(page, text, paths) {
  const targets = [...withoutCode(text).matchAll(LINK)].map(([, target]) => target);
  return targets.flatMap((target) => (isAway(target) ? [] : (fault(page, target, paths) ?? [])));
}

describe('links', () => {
  /** The files of the tarball, and all those that pages may link to. */
  let paths;
  const everything = ['README.md', 'docs', 'benches'].flatMap((name) => [...filesOf(name)]);

  before(() => {
    paths = pack(['--dry-run']).paths;
  }, SLOW);

  test('the_tarball_holds_every_page_but_those_for_who_works_on_the_package', () => {
    const left = PAGES.filter((page) => !paths.includes(page));
    const inner = /^docs\/(internals\/.*|architecture|development)\.md$/;
    assert.deepEqual(
      left,
      PAGES.filter((page) => inner.test(page)),
    );
    assert.ok(PAGES.length - left.length > 5);
  });

  for (const page of PAGES) {
    test(`every_link_is_alive: ${page}`, () => {
      assert.deepEqual(faults(page, read(page), everything), [], 'in the repository');
      if (!paths.includes(page)) return;
      const packed = readFileSync(path.join(STAGE, page), 'utf8');
      assert.deepEqual(faults(page, packed, paths), [], 'in the package');
    });
  }

  test('a_dead_link_is_found', () => {
    assert.match(fault('docs/api.md', 'no-such-page.md', paths), /is not there/);
    assert.match(fault('README.md', 'docs/development.md', paths), /is not there/);
    assert.match(fault('README.md', 'docs/api.md#no-such-heading', paths), /no heading/);
    assert.equal(fault('docs/api.md', '../README.md#install', paths), undefined);
    assert.equal(fault('README.md', 'docs/examples', paths), undefined);
  });

  test('a_link_to_what_is_not_packed_leads_to_the_repository', () => {
    const text = '[api](../api.md#size), [why](../internals/chaos.md#b), [x](https://x.y)';
    const files = ['docs/api.md'];
    const url = 'git+https://git.example/a/b.git';
    const led = (repository) => {
      return withLinks(text, 'docs/guides/limits.md', { files, version: '2.0.0', repository });
    };
    const api = '[api](../api.md#size), ';
    const there = 'https://git.example/a/b/blob/v2.0.0/docs/internals/chaos.md#b';
    assert.equal(led({ url }), `${api}[why](${there}), [x](https://x.y)`);
    assert.equal(led(undefined), `${api}why (in the repository), [x](https://x.y)`);
  });

  test('the_files_that_pages_name_are_there', () => {
    for (const page of PAGES) {
      for (const [, file] of read(page).matchAll(NAMED_FILE)) {
        assert.ok(existsSync(path.join(REPOSITORY, file)), `${page} names ${file}`);
      }
    }
  });

  test('the_pages_that_code_names_are_there', () => {
    for (const { name, text } of SOURCES.flatMap((source) => [...sourcesOf(source)])) {
      for (const [page] of text.matchAll(NAMED_PAGE)) {
        assert.ok(PAGES.includes(page), `${name} names ${page}`);
      }
    }
  });
});
