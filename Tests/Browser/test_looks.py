#!/usr/bin/env python3
"""Every page without a script, by keyboard, at every width, in both themes and two languages.

TACET_PICTURES names a folder for pictures of every page. axe-core is taken from the Python package axe-playwright-python, where
that is installed (TACET_AXE names another file).

Usage: test_looks.py BINARY [TEST…]
"""
import os
import pathlib
import re
import time

from console_case import OPEN, PAGES, ConsoleCase, Visitor, axe, main, sign_in


class Looks(ConsoleCase):
    def test_everything_works_without_a_script(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        visitor.scripts(False)
        self.addCleanup(visitor.scripts, True)
        visitor.open(self.site.address + "/keys")
        element = visitor.element("main details > summary")
        visitor.call("POST", f"/element/{element}/click")
        visitor.type("#name", "without a script")
        visitor.call("POST", f"/element/{visitor.element('main form.stack > button')}/click")
        time.sleep(1)
        text = visitor.call("GET", f"/element/{visitor.element('#key')}/text")
        self.assertRegex(text, r"^tct_live_")

    def test_no_page_is_wider_than_a_phone(self):
        visitor = self.visitor
        self.addCleanup(visitor.devtools, "Emulation.clearDeviceMetricsOverride")
        german = Visitor(language="de")
        self.addCleanup(german.close)
        sign_in(german, self.site, "ada@example.org")
        for one, width in ((visitor, 320), (visitor, 640), (visitor, 1280), (german, 320)):
            one.width(width)
            for path in PAGES + OPEN:
                one.open(self.site.address + path)
                wide = one.run("return document.documentElement.scrollWidth")
                self.assertLessEqual(wide, width, f"{path} at {width}")
                self.assertEqual(one.run("return document.documentElement.lang"), "de" if one is german else "en")

    def test_the_menu_of_a_phone_folds(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        visitor.width(360)
        visitor.open(self.site.address + "/keys")
        link = "return document.querySelector('.menu a[href=\"/models\"]').checkVisibility()"
        self.assertLess(visitor.run("return document.querySelector('main h1').getBoundingClientRect().top"), 110)
        self.assertFalse(visitor.run(link))
        visitor.call("POST", f"/element/{visitor.element('.menu > summary')}/click")
        self.assertTrue(visitor.run(link))
        # It is the browser's own: no script opens it.
        visitor.scripts(False)
        self.addCleanup(visitor.scripts, True)
        visitor.open(self.site.address + "/keys")
        visitor.call("POST", f"/element/{visitor.element('.menu > summary')}/click")
        visitor.call("POST", f"/element/{visitor.element('.menu a[href*=models]')}/click")
        time.sleep(1)
        self.assertTrue(visitor.call("GET", "/url").endswith("/models"))

    def test_the_keyboard_reaches_everything(self):
        for path in PAGES:
            self.visitor.open(self.site.address + path)
            missing = self.visitor.run(
                "return [...document.querySelectorAll('a[href], button:not([hidden]), input:not([type=hidden]):not([hidden])"
                ", select, summary')].filter(e => e.tabIndex < 0 && !e.closest('details:not([open])')).length"
            )
            self.assertEqual(missing, 0, path)

    def test_axe_finds_nothing(self):
        source = axe()
        if source is None or not source.exists():
            self.skipTest("axe-core is not installed (pip install axe-playwright-python)")
        script = source.read_text()
        german = Visitor(width=1280, language="de")
        self.addCleanup(german.close)
        sign_in(german, self.site, "ada@example.org")
        found = []
        for visitor, theme, width in (
            (self.visitor, "light", 1280), (self.visitor, "dark", 360), (german, "light", 360), (german, "dark", 1280),
        ):
            visitor.devtools("Page.setBypassCSP", enabled=True)
            self.addCleanup(visitor.devtools, "Page.setBypassCSP", enabled=False)
            visitor.theme(theme)
            visitor.width(width)
            for path in PAGES + OPEN:
                visitor.open(self.site.address + path)
                visitor.run("document.querySelectorAll('details').forEach(d => d.open = true)")
                visitor.run(script)
                result = visitor.run_async(
                    "const done = arguments[arguments.length - 1];"
                    "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
                    " 'best-practice']}).then(r => done(r.violations.map(v => [v.id, v.nodes.length,"
                    " v.nodes[0].html.slice(0, 160), v.nodes[0].failureSummary])), e => done([[String(e)]]))"
                )
                found += [(theme, width, path, *violation) for violation in result]
        self.visitor.theme("light")
        self.visitor.width(1280)
        self.assertEqual(found, [], "\n".join(map(str, found)))

    def test_the_theme_stays_without_a_flash(self):
        visitor = self.stranger()
        sign_in(visitor, self.site, "ada@example.org")
        visitor.theme("light")
        visitor.open(self.site.address + "/docs")
        light = visitor.run("return getComputedStyle(document.body).backgroundColor")
        visitor.run("document.querySelector('[data-theme-switch]').click()")
        dark = visitor.run("return getComputedStyle(document.body).backgroundColor")
        self.assertNotEqual(light, dark)
        visitor.open(self.site.address + "/keys")
        self.assertEqual(visitor.run("return getComputedStyle(document.body).backgroundColor"), dark)
        self.assertEqual(visitor.run("return Object.keys(localStorage).join()"), "theme")

    def test_it_speaks_the_languages_of_the_browser(self):
        for language, title in (("de", "Anmelden"), ("fr", "Se connecter"), ("ja", "サインイン"), ("xx", "Sign in")):
            _, _, text = self.site.ask("GET", "/sign-in", headers={"accept-language": f"{language};q=1"})
            self.assertIn(f"<h1>{title}</h1>", text)

    def test_pictures(self):
        folder = os.environ.get("TACET_PICTURES")
        if not folder:
            self.skipTest("TACET_PICTURES is not set")
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.site.fill()
        for _ in range(5):
            self.site.send(self.key)
        time.sleep(1)
        self.addCleanup(self.visitor.theme, "light")
        german = Visitor(width=1280, language="de")
        self.addCleanup(german.close)
        sign_in(german, self.site, "ada@example.org")
        for visitor, language in ((self.visitor, "en"), (german, "de")):
            for theme in ("light", "dark"):
                visitor.theme(theme)
                for width in (1280, 360):
                    for path in PAGES + OPEN:
                        visitor.width(width)
                        visitor.open(self.site.address + path)
                        name = re.sub(r"\W+", "-", path.strip("/")) or "overview"
                        visitor.picture(folder / f"{name}-{language}-{theme}-{width}.png", width)


if __name__ == "__main__":
    main()
