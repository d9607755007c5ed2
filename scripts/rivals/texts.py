"""Makes the texts that the rivals are timed on: megabytes of real prose.

    python texts.py OUT

Takes the help pages of LibreOffice (MPL-2.0) from Debian's packages
libreoffice-help-{en-us,zh-cn,ja,ko}, which `apt-get download` brings, and
writes OUT/{en,zh,ja,ko}.txt: each paragraph of more than 20 characters once.
The texts are for timing beside the project; none of them goes into it.
"""

import glob
import html.parser
import pathlib
import re
import subprocess
import sys
import tempfile

PACKAGES = {"en": "en-us", "zh": "zh-cn", "ja": "ja", "ko": "ko"}


class Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.out, self.skip = [], 0

    def handle_starttag(self, tag, attrs):
        self.skip += tag in ("script", "style", "head")
        if tag in ("p", "h1", "h2", "h3", "li", "tr", "div"):
            self.out.append("\n")

    def handle_endtag(self, tag):
        if tag in ("script", "style", "head"):
            self.skip = max(0, self.skip - 1)

    def handle_data(self, data):
        if not self.skip:
            self.out.append(data)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for lang, name in PACKAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["apt-get", "download", f"libreoffice-help-{name}"], cwd=folder, check=True)
            deb = glob.glob(f"{folder}/*.deb")[0]
            subprocess.run(["dpkg-deb", "-x", deb, f"{folder}/x"], check=True)
            seen, lines = set(), []
            for page in sorted(glob.glob(f"{folder}/x/**/*.html", recursive=True)):
                parser = Text()
                parser.feed(pathlib.Path(page).read_text("utf-8", "replace"))
                for line in "".join(parser.out).split("\n"):
                    line = re.sub(r"[ \t]+", " ", line).strip()
                    if len(line) > 20 and line not in seen:
                        seen.add(line)
                        lines.append(line)
        path = out / f"{lang}.txt"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        print(path, path.stat().st_size, "bytes")


main()
