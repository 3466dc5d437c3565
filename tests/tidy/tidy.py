#!/usr/bin/python3
"""The rules of this source tree that a compiler does not check, as tests.

  tests/tidy/tidy.py              check the tree, then show of each check that it can fail
  tests/tidy/tidy.py CHECK…       only these

A check is a function from a Tree to findings ("path:line: what is wrong"), with samples: small
trees that break its rule. A check that lets one of its samples pass has failed itself. The checks
of the linker's view (`linkage`, `globals`, `mutants`) read the release build, so build that first.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLANG_FORMAT = "clang-format-14"
COLUMNS = 100

# ---- The law ---------------------------------------------------------------------------------

# What the files of a folder may include and link, besides their own folder. A folder is
# src/NAME or, for the parts that are no product code, NAME or what PLACES says.
_PURE = ["base", "model"]
_DECIDING = _PURE + ["machine", "audit", "draft", "view", "wire", "diff", "analyze", "argo"]
LAW = {
    "base": [],
    "model": ["base"],
    "machine": _PURE,
    "audit": _PURE,
    "draft": _PURE,
    "view": _PURE,
    "wire": _PURE,
    "diff": _PURE,
    "analyze": _PURE,
    "argo": _PURE,
    "face": _PURE + ["argo", "wire"],
    "engine": _DECIDING,
    "io": _DECIDING + ["engine"],
    "sim": _DECIDING + ["face", "engine", "io"],
    "world": _DECIDING + ["face", "engine"],
    "cmd": _DECIDING + ["engine", "io", "sim"],
}

# Folders that lie in another one.
PLACES = {"argo/face/": "face"}

# Folders that see nothing of the system: same object code in the product, under test and fuzzed.
PURE = ["base", "model", "machine", "audit", "draft", "view", "wire", "diff", "analyze", "argo",
        "face", "engine", "world"]

# What a pure folder may include of the system: types, limits, and the functions of LIBC below.
HEADERS = set("""assert.h float.h inttypes.h limits.h math.h stdalign.h stdarg.h stdbool.h stddef.h
    stdint.h stdio.h string.h""".split())
MORE_HEADERS = {
    "base/alloc": {"stdlib.h"},
    "base/check": {"stdlib.h"},
    "base/arena": {"sanitizer/asan_interface.h"},
    "wire/": {"jansson.h", "yaml.h"},
    # What plays many worlds is as little of the product as a test is.
    "world/workers": {"stdlib.h", "sys/mman.h", "sys/wait.h", "time.h", "unistd.h"},
    "world/tiphys_mutants": {"stdlib.h"},
}

# What a pure folder may import from the C library: no memory, no file, no clock, no locale.
LIBC = set("""abort memchr memcmp memcpy memmove memset snprintf strchr strcmp strlen strncmp
    strrchr vsnprintf __memcpy_chk __memmove_chk __memset_chk __snprintf_chk __vsnprintf_chk
    __stack_chk_fail _GLOBAL_OFFSET_TABLE_""".split())
# What single modules, or a whole folder, may import beyond that.
MORE_SYMBOLS = {
    "base/alloc": r"malloc|calloc|realloc|free",
    "base/check": r"stderr|fprintf|fputs|fwrite|__fprintf_chk",
    "base/arena": r"__asan_.*",
    "wire/": r"json_.*|jsonp_.*|yaml_.*",
    "world/workers": r"mmap(64)?|fork|wait|alarm|freopen(64)?|fflush|perror|exit|clock_gettime|std.*",
}

# What has a main() and is in no library.
PROGRAMS = ["src/cmd/main.c", "world/scenarios.c", "world/tiphys_world.c", "world/tiphys_mutants.c"]

# Functions that nobody calls; a reason each. A rule names where it holds not: path prefixes.
BANNED = [
    ("strcpy strcat sprintf vsprintf gets stpcpy", "has no bound; use base/buf or snprintf", []),
    ("strncpy strncat", "may leave no NUL; use base/buf", []),
    ("strtok strtok_r", "writes into its argument; use str_cut", []),
    ("atoi atol atoll atof strtol strtoul strtoll strtoull sscanf",
     "depends on the locale or hides errors; use str_to_i64", []),
    ("gmtime localtime ctime asctime mktime gmtime_r localtime_r strptime strftime",
     "shared state or a locale; use base/when", []),
    ("rand srand random srandom drand48", "cannot be repeated; use base/prng", []),
    ("alloca", "has no bound; use base/arena", []),
    ("system popen", "goes through a shell", []),
    ("malloc calloc realloc free strdup strndup asprintf vasprintf reallocarray",
     "memory comes from base/alloc only", ["src/base/alloc.c"]),
    ("time clock clock_gettime gettimeofday sleep usleep nanosleep",
     "only io/clock knows the time", ["src/io/", "world/workers.c", "tests/"]),
    ("getenv secure_getenv setenv", "the environment is read at the edge",
     ["src/io/", "src/cmd/", "tests/"]),
    ("exit _exit _Exit", "main returns; others report an error",
     ["src/io/", "world/workers.c", "tests/"]),
    ("printf fprintf puts fputs putchar fputc fwrite perror vprintf vfprintf",
     "output is made at the edge",
     ["src/io/", "src/cmd/", "src/base/check.c", "sim/", "world/", "tests/"]),
    ("assert", "disappears with NDEBUG; use check()", []),
]

# A module without a test of its own says why, in its header or source, behind these words.
NO_TEST = "No test of its own:"

# ---- The tree --------------------------------------------------------------------------------


def inner_folder(path):
    """The folder that a path lies in, if that is one of PLACES."""
    return next((folder for place, folder in PLACES.items() if path.startswith(place)), None)


@dataclass
class File:
    path: str  # from the root, with /
    text: str

    @property
    def folder(self):
        inner = inner_folder(self.path)
        if inner:
            return inner
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" else parts[0]

    @property
    def module(self):
        """folder/name, without .c, .h and _test."""
        return f"{self.folder}/{re.sub(r'(_test)?[.](c|h|def)$', '', self.path.split('/')[-1])}"

    @property
    def is_test(self):
        return self.path.endswith("_test.c") or self.path.startswith("tests/")

    def code_lines(self):
        """(number, text) with comments and the content of literals blanked out."""
        return enumerate(blank(self.text).split("\n"), 1)

    def includes(self):
        """(number, name, is ours) of each #include."""
        for number, line in enumerate(self.text.split("\n"), 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if found:
                yield number, found[2], found[1] == '"'


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        tops = ["src", "tests/support"] + [f for f in LAW if (self.root / f).is_dir()]
        paths = sorted(p for top in tops for p in (self.root / top).rglob("*") if p.is_file())
        self.files = [File(p.relative_to(self.root).as_posix(), p.read_text(encoding="utf-8"))
                      for p in paths if p.suffix in (".c", ".h", ".def")]
        self.paths = {f.path for f in self.files}

    def archives(self):
        """(folder, path) of the release build's static libraries."""
        for folder in LAW:
            path = self.root / "build/release/src" / f"lib{folder}.a"
            if path.exists():
                yield folder, path


def blank(text):
    """The text with every comment and literal replaced by blanks, line breaks kept."""
    literal = r'"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\''
    pattern = re.compile(r"/\*.*?\*/|//[^\n]*|" + literal, re.DOTALL)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def extras(table, module):
    """The rows of a MORE_… table that hold for a module: its own and its folder's."""
    return [row for key, row in table.items() if module == key or
            (key.endswith("/") and module.startswith(key))]


# ---- The checks ------------------------------------------------------------------------------

CHECKS = {}


@dataclass
class Sample:
    """Files that break the rule, and a part of the finding that must say so."""
    finding: str
    files: dict = field(default_factory=dict)


def check(*samples):
    def register(function):
        CHECKS[function.__name__] = (function, samples)
        return function
    return register


@check(Sample("machine may not include wire", {"src/machine/a.c": '#include "wire/http.h"\n'}),
       Sample("wire may not include machine", {"src/wire/a.h": '#include "machine/run.h"\n'}),
       Sample("view may not include machine", {"src/view/a.c": '#include "machine/run.h"\n'}),
       Sample("audit may not include wire", {"src/audit/a.c": '#include "wire/http.h"\n'}),
       Sample("base may not include model", {"src/base/a.c": '\n #  include "model/plan.h"\n'}),
       Sample("engine may not include io", {"src/engine/a_test.c": '#include "io/loop.h"\n'}),
       Sample("argo may not include machine", {"argo/a.c": '#include "machine/run.h"\n'}),
       Sample("argo may not include face", {"argo/a.c": '#include "argo/face/face.h"\n'}),
       Sample("world may not include io", {"world/a.c": '#include "io/loop.h"\n'}),
       Sample("cmd may not include world", {"src/cmd/a.c": '#include "world/world.h"\n'}),
       Sample("face may not include io", {"argo/face/a.c": '#include "io/loop.h"\n'}),
       Sample("write \"folder/other.h\"", {"src/model/a.c": '#include "other.h"\n'}),
       Sample("not a folder of the law", {"src/util/a.c": "int x;\n"}))
def layers(tree):
    """Includes go down only: base <- model <- {machine, view, wire, …} <- engine <- io <- cmd."""
    for file in tree.files:
        if file.path.startswith("tests/"):
            continue
        if file.folder not in LAW:
            yield f"{file.path}: {file.folder} is not a folder of the law (tests/tidy/tidy.py)"
            continue
        for number, name, is_ours in file.includes():
            if not is_ours or (file.is_test and (tree.root / "tests/support" / name).exists()):
                continue
            target = inner_folder(name) or name.split("/")[0]
            if "/" not in name:
                yield f'{file.path}:{number}: write "folder/{name}", not "{name}"'
            elif target != file.folder and target not in LAW[file.folder]:
                yield f"{file.path}:{number}: {file.folder} may not include {target}"


@check(Sample("<time.h> in machine", {"src/machine/a.c": "#include <time.h>\n"}),
       Sample("<unistd.h> in engine", {"src/engine/a.h": "#include <unistd.h>\n"}),
       Sample("<stdlib.h> in base", {"src/base/buf.c": "#include <stdlib.h>\n"}),
       Sample("<jansson.h> in model", {"src/model/a.c": "#include <jansson.h>\n"}),
       Sample("<curl/curl.h> in wire", {"src/wire/a.c": "#include <curl/curl.h>\n"}))
def system_headers(tree):
    """A pure folder includes nothing that touches the system."""
    for file in tree.files:
        if file.folder not in PURE or file.is_test:
            continue
        allowed = HEADERS.union(*extras(MORE_HEADERS, file.module))
        for number, name, is_ours in file.includes():
            if not is_ours and name not in allowed:
                yield f"{file.path}:{number}: <{name}> in {file.folder}, which is pure"


def source_of(name):
    """base_alloc.c.o is alloc.c.o's; of a folder outside src/: .._argo_store.c.o is store.c.o's."""
    return re.sub(r"^(\.\._)?[a-z]+?_", "", name)


def symbols(archive, *options):
    """(object's source name, symbol) of an archive."""
    for line in run("nm", "-A", *options, str(archive)).stdout.splitlines():
        # libbase.a:libbase.a.p/base_alloc.c.o:                 U malloc
        where, symbol = line.rsplit(None, 1)
        yield source_of(Path(where.split(":")[1]).name).removesuffix(".c.o"), symbol


@check(Sample("machine/a imports time", {
    "src/machine/a.c": "long time(long *); long a(void); long a(void) { return time(0); }\n"}),
       Sample("wire/a imports write", {
           "src/wire/a.c": "long write(int, char *, long); void a(void); void a(void) "
                           "{ write(1, 0, 0); }\n"}),
       Sample("base/buf imports malloc", {
           "src/base/buf.c": "void *malloc(long unsigned); void *a(void); void *a(void) "
                             "{ return malloc(7); }\n"}),
       Sample("machine/a imports wire_read", {
           "src/machine/a.c": "int wire_read(void); int a(void); int a(void) "
                              "{ return wire_read(); }\n",
           "src/wire/b.c": "int wire_read(void); int wire_read(void) { return 1; }\n"}),
       Sample("machine/a imports json_loads", {
           "src/machine/a.c": "int json_loads(void); int a(void); int a(void) "
                              "{ return json_loads(); }\n"}),
       Sample("no release build", {"src/machine/a.h": ""}))
def linkage(tree):
    """What a pure folder's object code imports is its own, a lower folder's, or harmless."""
    archives = dict(tree.archives())
    if not archives:
        yield "build/release: no release build to look into (scripts/build release)"
    defined = {folder: {name for _, name in symbols(path, "--defined-only", "-g")}
               for folder, path in archives.items()}
    for folder, path in archives.items():
        if folder not in PURE:
            continue
        known = LIBC.union(*(defined.get(f, set()) for f in [folder] + LAW[folder]))
        for name, symbol in symbols(path, "-u"):
            module = f"{folder}/{name}"
            if symbol in known or any(re.fullmatch(more, symbol)
                                      for more in extras(MORE_SYMBOLS, module)):
                continue
            yield f"src/{module}.c: {module} imports {symbol}"


@check(Sample("src/machine/a.c: 4 bytes of .bss", {
    "src/machine/a.c": "int a(void); int a(void) { static int n; return n++; }\n"}),
       Sample("src/view/a.c: 4 bytes of .data", {
           "src/view/a.c": "int a(void); int a(void) { static int n = 1; return n++; }\n"}))
def globals_(tree):
    """A pure folder has no variable that outlives a call: only constants."""
    for folder, path in tree.archives():
        if folder not in PURE:
            continue
        module = None
        for line in run("size", "-A", "-d", str(path)).stdout.splitlines():
            found = re.match(r"(\S+\.c)\.o\s", line)
            if found:
                module = source_of(Path(found[1]).name)
            words = line.split()
            if module and len(words) == 3 and words[0] in (".data", ".bss") and words[1] != "0":
                yield f"src/{folder}/{module}: {words[1]} bytes of {words[0]}"


@check(*(Sample(f"{name}: ", {"src/model/a.c": f"int a(void)\n{{\n\treturn {name} (x);\n}}\n"})
         for names, _, _ in BANNED for name in names.split()),
       Sample("malloc: ", {"src/io/a_test.c": "x = malloc(1);\n"}),
       Sample("free: ", {"src/base/buf.c": "free(p);\n"}),
       Sample("printf: ", {"src/engine/a.c": "printf(p);\n"}),
       Sample("time: ", {"src/cmd/a.c": "time(NULL);\n"}))
def banned(tree):
    """Functions that a better one replaces, or that belong to one place."""
    rules = [(re.compile(r"(?<![\w.>])(" + "|".join(names.split()) + r")\s*\("), why, where)
             for names, why, where in BANNED]
    for file in tree.files:
        for number, line in file.code_lines():
            for pattern, why, excepted in rules:
                if file.is_test and "tests/" in excepted:
                    continue
                if any(file.path.startswith(prefix) for prefix in excepted):
                    continue
                for found in pattern.finditer(line):
                    yield f"{file.path}:{number}: {found[1]}: {why}"


@check(Sample("a.c:1: code should", {"src/base/a.c": "int a(void)\n  {\n\treturn 1;\n}\n"}),
       Sample("a.h:2: code should", {"src/base/a.h": "#pragma once\nint  a(void);\n"}),
       Sample("a.h:1: 101 columns", {"src/base/a.h": f"/* {'x' * 95} */\n"}),
       Sample("a.h:2: 101 columns", {"src/base/a.h": f"/*\n\t{'x' * 93}\n */\n"}))
def formatting(tree):
    """clang-format would change nothing (`make format`), and no line is too long."""
    paths = [f.path for f in tree.files if not f.path.endswith(".def")]
    if paths:
        result = run(CLANG_FORMAT, f"--style=file:{ROOT}/.clang-format", "--dry-run",
                     "--ferror-limit=1", *(str(tree.root / p) for p in paths))
        for line in result.stderr.splitlines():
            found = re.match(r"(.*?):(\d+):\d+: (warning|error): (.*)", line)
            if found:
                path = os.path.relpath(found[1], tree.root)
                yield f"{path}:{found[2]}: {found[4]}"
    for file in tree.files:
        for number, line in enumerate(file.text.split("\n"), 1):
            if len(line.expandtabs(8)) > COLUMNS:
                yield f"{file.path}:{number}: {len(line.expandtabs(8))} columns"


@check(Sample("a.h:1: begins with #pragma once", {"src/base/a.h": "#pragma once\nint a(void);\n"}),
       Sample("a.h:1: begins with #pragma once", {"src/base/a.h": "/* A. */\nint a(void);\n"}),
       Sample("a.def:1: begins with a comment", {"src/model/a.def": "X(a)\n"}),
       Sample('includes "base/a.h" first', {
           "src/base/a.h": "#pragma once\n/* A. */\n",
           "src/base/a.c": '#include <stdio.h>\n#include "base/a.h"\n'}))
def headers(tree):
    """A header begins with what it is, and stands alone: its .c includes it first."""
    for file in tree.files:
        if file.path.endswith(".h") and not file.text.startswith("#pragma once\n/*"):
            yield f"{file.path}:1: begins with #pragma once and a comment that says what it is"
        if file.path.endswith(".def") and not file.text.startswith("/*"):
            yield f"{file.path}:1: begins with a comment that says what it is"
        beside = file.path.removesuffix(".c") + ".h"
        own = beside.removeprefix("src/")
        if file.path.endswith(".c") and not file.is_test and beside in tree.paths:
            first = next(file.includes(), (1, None, True))
            if first[1] != own:
                yield f'{file.path}:{first[0]}: includes "{own}" first'


@check(Sample("src/model/a.h: has no test", {
    "src/model/a.h": "/* A. */\n#pragma once\n", "src/model/a.c": "int x;\n"}),
       Sample("src/model/b.h: has no test", {
           "src/model/b.h": "/* No test of its own: */\n", "src/model/b.c": "int x;\n"}))
def tested(tree):
    """A module with code has a test beside it, or says why it has none."""
    for file in tree.files:
        stem = file.path.removesuffix(".h")
        if stem == file.path or not file.path.startswith("src/") or f"{stem}.c" not in tree.paths:
            continue
        if f"{stem}_test.c" in tree.paths:
            continue
        texts = [f.text for f in tree.files if f.path in (file.path, f"{stem}.c")]
        if not any(re.search(re.escape(NO_TEST) + r"\s*\w", text) for text in texts):
            yield f"{file.path}: has no test beside it, nor '{NO_TEST} REASON'"


@check(Sample("src/model/b.c: is not in src/model/meson.build", {
    "src/model/b.c": "int x;\n", "src/model/meson.build": "modules = ['a']\n"}),
       Sample("argo/b.c: is not in argo/meson.build", {
           "argo/b.c": "int x;\n", "argo/meson.build": "modules = ['a']\n"}),
       Sample("src/model/a_test.c: is not in src/model/meson.build", {
           "src/model/a_test.c": "int x;\n"}),
       Sample("machine may link ['base', 'wire']", {
           "src/meson.build": "  ['machine', ['base', 'wire'], []],\n"}))
def built(tree):
    """Every source is in the build, and the build links by the same law."""
    for file in tree.files:
        if not file.path.endswith(".c") or file.path.startswith("tests/"):
            continue
        if file.path in PROGRAMS:
            continue
        path = f"{os.path.dirname(file.path)}/meson.build"
        text = (tree.root / path).read_text() if (tree.root / path).exists() else ""
        if f"'{file.module.split('/')[1]}'" not in text:
            yield f"{file.path}: is not in {path}"
    path = tree.root / "src/meson.build"
    rows = re.findall(r"^\s*\['(\w+)', \[([^]]*)\]", path.read_text() if path.exists() else "",
                      re.MULTILINE)
    for folder, uses in rows:
        uses = re.findall(r"\w+", uses)
        if folder not in LAW or not set(uses) <= set(LAW[folder]):
            yield f"src/meson.build: {folder} may link {uses}: the law says {LAW.get(folder)}"


@check(Sample("src/base/mutant.def: NO_RULE is switched nowhere", {
    "src/base/mutant.def": '/* A. */\nX(NO_RULE, "forgets it")\nX(NO_WORD, "forgets it")\n',
    "src/machine/a.c": "#define HOLDS(rule, name) rule\n"
                       "_Bool a(_Bool b) { return HOLDS(b, NO_WORD); }\n"}),
       Sample("argo/a.c:1: what checks has no faults", {
           "argo/a.c": "_Bool a(_Bool b) { return HOLDS(b, NO_WORD); }\n"}),
       Sample("tests/support/a.c:1: what checks has no faults", {
           "tests/support/a.c": "_Bool a(void) { return MUTANT(NO_WORD); }\n"}),
       Sample("base/mutant: mutant_on is installed", {
           "src/base/mutant.c": "int mutant_on = 1;\n"}))
def mutants(tree):
    """Each mutant is switched somewhere, in the product alone, and nothing of them is installed."""
    switch = re.compile(r"\b(MUTANT|HOLDS|MINDS)\s*\(")
    texts = []
    for file in tree.files:
        is_product = file.path.startswith("src/") and not file.is_test
        if is_product and file.module != "base/mutant":
            texts.append(file.text)
        for number, line in file.code_lines():
            if not file.path.startswith("src/") and switch.search(line):
                yield f"{file.path}:{number}: what checks has no faults"
    for file in tree.files:
        if file.path == "src/base/mutant.def":
            for name in re.findall(r"^X\((\w+)", file.text, re.MULTILINE):
                if not any(re.search(rf"\b{name}\)", text) for text in texts):
                    yield f"{file.path}: {name} is switched nowhere"
    for folder, path in tree.archives():
        for name, symbol in symbols(path):
            if symbol.startswith("mutant"):
                yield f"src/{folder}/{name}.c: {folder}/{name}: {symbol} is installed"


# The rows that docs/stories.md must have: the shortcomings of Progressive Syncs, and the races.
STORY_ROWS = [f"P{i}" for i in range(1, 37)] + [f"race {i}" for i in range(1, 24)]
_ROW = re.compile(r"\| (P\d+|race \d+[a-d]?) \|.*\| (.*) \|")
_LABELS = re.compile(r"# ((?:(?:P|[Rr]ace )\d+[a-d]?(?:, )?)+):")
_STORIES = "docs/stories.md"


def sample_stories(finding, table, **scripts):
    return Sample(finding, {_STORIES: table,
                            **{f"scenarios/{name}.txt": text for name, text in scripts.items()}})


@check(sample_stories("names scenarios/a.txt, which is not there", "(../scenarios/a.txt)"),
       sample_stories("b.txt: is not in docs/stories.md", "(../scenarios/a.txt)", b="# B."),
       sample_stories("has no row P36", "| P1 | a | waits for b |"),
       sample_stories("P1 has no story, and does not say why", "| P1 | a | later |"),
       sample_stories("a.txt: is not in the row of P2", "| P1 | a | (../scenarios/a.txt) |",
                      a="# P2: A."))
def stories(tree):
    """Each story is in the tables of docs/stories.md, and each row has one or says why not."""
    path = tree.root / _STORIES
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    rows = dict(_ROW.findall(text))
    scripts = {p.relative_to(tree.root).as_posix(): p.read_text(encoding="utf-8")
               for p in sorted((tree.root / "scenarios").glob("*.txt"))}
    for name in sorted(set(re.findall(r"scenarios/[\w-]+\.txt", text)) - set(scripts)):
        yield f"{_STORIES}: names {name}, which is not there"
    for row in STORY_ROWS:
        if row not in rows:
            yield f"{_STORIES}: has no row {row}"
    for row, said in rows.items():
        if not re.search(r"scenarios/|waits for|out of scope", said):
            yield f"{_STORIES}: {row} has no story, and does not say why"
    for name, script in scripts.items():
        if name not in text:
            yield f"{name}: is not in {_STORIES}"
        labels = _LABELS.match(script)
        for row in labels[1].replace("Race", "race").split(", ") if labels else []:
            if name not in rows.get(row, ""):
                yield f"{name}: is not in the row of {row}"


# ---- Running them ----------------------------------------------------------------------------


def build_sample(root):
    """What `scripts/build release` would make of a sample, for the checks that look into it."""
    for folder in (root / "src").glob("*"):
        sources = list(folder.glob("*.c"))
        if not sources:
            continue
        into = root / "build/release/src"
        into.mkdir(parents=True, exist_ok=True)
        objects = []
        for source in sources:
            objects.append(str(into / f"{folder.name}_{source.name}.o"))
            command = shlex.split("cc -w -fno-builtin -c -o") + [objects[-1], str(source)]
            subprocess.run(command, check=True)
        subprocess.run(["ar", "crs", str(into / f"lib{folder.name}.a"), *objects], check=True)


def bites(function, sample):
    """The check finds in the sample what it should."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in sample.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        if function in (linkage, globals_, mutants):
            build_sample(root)
        return any(sample.finding in finding for finding in function(Tree(root)))


def main(names):
    unknown = set(names) - {name.rstrip("_") for name in CHECKS}
    if unknown:
        sys.exit(f"no such check: {', '.join(sorted(unknown))}")
    passed = failed = 0
    tree = Tree(ROOT)
    for name, (function, samples) in CHECKS.items():
        name = name.rstrip("_")
        if names and name not in names:
            continue
        findings = list(function(tree))
        passed, failed = passed + (not findings), failed + bool(findings)
        print(f"{'FAIL' if findings else 'ok  '} {name}: {function.__doc__}")
        for finding in findings:
            print(f"     {finding}")
        for sample in samples:
            if bites(function, sample):
                passed += 1
                continue
            failed += 1
            print(f"FAIL {name} does not see: {sample.finding} in {sample.files}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
