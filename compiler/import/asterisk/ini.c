/* compiler/import/asterisk/ini.c - Reads Asterisk's configuration files (ini.h). */
#include "compiler/import/asterisk/ini.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "base/why.h"

bool ini_looks_so(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && isspace((unsigned char)bytes[at])) at++;
    return at < length && (bytes[at] == ';' || bytes[at] == '#' ||
                           (bytes[at] == '[' && at + 1 < length &&
                            (isalnum((unsigned char)bytes[at + 1]) || strchr("_-+*.", bytes[at + 1]))));
}

struct ini_section *ini_find(const struct ini_file *file, const char *name)
{
    return flow_names_find(&file->names, name);
}

const char *ini_value(const struct ini_section *section, const char *key, const char *other)
{
    for (const struct ini_key *at = section ? section->keys : NULL; at; at = at->next)
        if (strcasecmp(at->name, key) == 0) other = at->value;
    return other;
}

bool ini_true(const char *value)
{
    static const char *const truths[] = {"yes", "true", "y", "t", "1", "on"};
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++)
        if (strcasecmp(value, truths[i]) == 0) return true;
    return false;
}

static struct ini_key *ini_add(struct arena *arena, struct ini_key ***end, const struct ini_key *what)
{
    struct ini_key *key = ARENA_NEW(arena, struct ini_key);
    *key = *what;
    key->next = NULL;
    **end = key;
    *end = &key->next;
    return key;
}

/* Removes blanks around the text. */
static char *ini_trimmed(char *text)
{
    while (isspace((unsigned char)*text)) text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1])) text[--length] = '\0';
    return text;
}

/* Cuts the remark from a line, and the backslash from `\;`. *within: the line is inside a remark of several lines. */
static void ini_without_remark(char *line, bool *within)
{
    char *to = line;
    for (char *at = line; *at; at++) {
        if (*within) {
            if (strncmp(at, "--;", 3) == 0) *within = false, at += 2;
            continue;
        }
        if (*at == '\\' && at[1] == ';') {
            *to++ = *++at;
            continue;
        }
        if (*at == ';' && at[1] == '-' && at[2] == '-' && at[3] != '-') {
            *within = true;
            at += 2;
            continue;
        }
        if (*at == ';') break;
        *to++ = *at;
    }
    *to = '\0';
}

/* A file that is read, and those that include it. */
struct ini_place {
    const char *path;
    const struct ini_place *outer;
    unsigned depth;
};

struct ini_reader {
    struct importer *import;
    struct arena *arena;
    struct ini_file *file;
    struct ini_section *section;
    uint32_t keys, lines;
};

/* Copies the keys of a template into the section. */
static void ini_inherit(struct ini_reader *reader, const char *name)
{
    const struct ini_section *template = ini_find(reader->file, name);
    if (!template || template == reader->section) return;
    for (const struct ini_key *key = template->keys; key && reader->keys < INI_KEYS; key = key->next, reader->keys++)
        ini_add(reader->arena, &reader->section->end, key);
}

/* Reads [name](!,template,+). With + the keys are added to the existing section of that name. */
static bool ini_head(struct ini_reader *reader, const struct ini_place *place, char *line, uint32_t number)
{
    char *close = strchr(line, ']');
    if (!close) return false;
    *close = '\0';
    const char *name = ini_trimmed(line + 1);
    char *options = ini_trimmed(close + 1), *templates[INI_TEMPLATES];
    size_t count = 0;
    bool template = false;
    struct ini_section *section = NULL;
    if (*options == '(') {
        char *end = strchr(options, ')'), *rest = options + 1, *part;
        if (!end) return false;
        *end = '\0';
        while ((part = strsep(&rest, ","))) {
            part = ini_trimmed(part);
            if (strcmp(part, "!") == 0)
                template = true;
            else if (strcmp(part, "+") == 0)
                section = ini_find(reader->file, name);
            else if (*part && count < INI_TEMPLATES)
                templates[count++] = part;
        }
    }
    if (!section) {
        section = ARENA_NEW(reader->arena, struct ini_section);
        *section = (struct ini_section){.name = arena_copy(reader->arena, name, strlen(name)),
                                        .path = place->path,
                                        .line = number,
                                        .template = template};
        section->end = &section->keys;
        *reader->file->end = section;
        reader->file->end = &section->next;
        flow_names_add(reader->arena, &reader->file->names, section->name, section);
    }
    reader->section = section;
    for (size_t i = 0; i < count; i++) ini_inherit(reader, templates[i]);
    return true;
}

/* Adds a line that is not read, with its reason. */
static void ini_fault(struct ini_reader *reader, const struct ini_place *place, const char *line, uint32_t number,
                      const char *why)
{
    struct ini_key key = {.name = "",
                          .value = arena_copy(reader->arena, line, strlen(line)),
                          .path = place->path,
                          .why = why,
                          .line = number};
    ini_add(reader->arena, &reader->file->faults_end, &key);
}

static bool ini_lines(struct ini_reader *, const struct ini_place *, const char *bytes, size_t length, char *why,
                      size_t why_size);

/* Does the path stay in its folder? It begins with no /, and no part of it is `..`. */
static bool ini_stays(const char *name)
{
    if (*name == '/' || !*name) return false;
    for (const char *part = name; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2])) return false;
    return true;
}

const char *ini_bare_path(const char *path)
{
    return strncmp(path, "./", 2) == 0 ? path + 2 : path;
}

/* Reads the lines of an included file. Returns NULL, or the reason why they cannot be read. */
static const char *ini_include(struct ini_reader *reader, const struct ini_place *place, const char *name)
{
    static char there[] = "";
    const char *root = reader->file->path, *slash = strrchr(root, '/'), *why = NULL;
    char fault[200] = "";
    size_t length = 0;
    if (!ini_stays(name)) return "it lies outside of the folder of the file that was given: it is not read";
    if (strpbrk(name, "*?[")) return "a pattern of names: include each of the files, or give them all";
    if (!reader->import->read) return "no included file is read here";
    const char *path = slash ? arena_printf(reader->arena, "%.*s/%s", (int)(slash - root), root, name) : name;
    for (const struct ini_place *outer = place; outer; outer = outer->outer)
        if (strcmp(outer->path, path) == 0) return "the file includes itself";
    if (place->depth == INI_INCLUDES) return "more than ten files include each other";
    char *bytes = reader->import->read(reader->import->read_of, root, name, &length, &why);
    if (!bytes) return arena_printf(reader->arena, "it is not read: %s", why ? why : "it is not there");
    const struct ini_place inner = {
        .path = arena_copy(reader->arena, path, strlen(path)), .outer = place, .depth = place->depth + 1};
    struct ini_section *section = reader->section;
    flow_names_add(reader->arena, &reader->file->included, ini_bare_path(inner.path), there);
    bool good = ini_lines(reader, &inner, bytes, length, fault, sizeof fault);
    free(bytes);
    reader->section = section;
    return good ? NULL : arena_printf(reader->arena, "it is not read: %s", fault);
}

/* Handles #include, #tryinclude and #exec. */
static void ini_directive(struct ini_reader *reader, const struct ini_place *place, const char *line, uint32_t number)
{
    static const char *const words[] = {"#include", "#tryinclude", "#exec"};
    const char *why = NULL;
    size_t which = 0, count = sizeof words / sizeof *words;
    for (; which < count; which++) {
        size_t length = strlen(words[which]);
        if (strncasecmp(line, words[which], length) == 0 && isspace((unsigned char)line[length])) break;
    }
    if (which == count) {
        ini_fault(reader, place, line, number, NULL);
        return;
    }
    char *name =
        ini_trimmed(arena_copy(reader->arena, line + strlen(words[which]), strlen(line) - strlen(words[which])));
    size_t length = strlen(name);
    bool quoted =
        length > 1 && ((*name == '"' && name[length - 1] == '"') || (*name == '<' && name[length - 1] == '>'));
    if (quoted) name[length - 1] = '\0', name++;
    why = which == 2 ? "a program is never run: write what it prints into a file, and include that"
                     : ini_include(reader, place, name);
    if (why) ini_fault(reader, place, line, number, why);
}

static void ini_line(struct ini_reader *reader, const struct ini_place *place, char *line, uint32_t number)
{
    line = ini_trimmed(line);
    if (!*line) return;
    char *equals = strchr(line, '=');
    if (*line == '[' && ini_head(reader, place, line, number)) return;
    if (*line == '#') {
        ini_directive(reader, place, line, number);
        return;
    }
    if (*line == '[' || !equals || !reader->section || reader->keys++ > INI_KEYS) {
        ini_fault(reader, place, line, number, NULL);
        return;
    }
    *equals = '\0';
    const char *name = ini_trimmed(line), *value = ini_trimmed(equals + (equals[1] == '>' ? 2 : 1));
    struct ini_key key = {.name = arena_copy(reader->arena, name, strlen(name)),
                          .value = arena_copy(reader->arena, value, strlen(value)),
                          .path = place->path,
                          .line = number};
    ini_add(reader->arena, &reader->section->end, &key);
}

/* Reads the lines of a file; false with the reason. The bounds are for the file together with all files that it
 * includes. */
static bool ini_lines(struct ini_reader *reader, const struct ini_place *place, const char *bytes, size_t length,
                      char *why, size_t why_size)
{
    bool within = false;
    uint32_t number = 0;
    if (memchr(bytes, '\0', length)) return why_set(why, why_size, "it has a zero byte, which no text has");
    if (!utf8_is_text(bytes, (uint32_t)length)) return why_set(why, why_size, "it is not UTF-8");
    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t bytes_of = end ? (size_t)(end - bytes) - at : length - at;
        number++;
        if (++reader->lines > INI_LINES || bytes_of > INI_LINE_BYTES)
            return why_set(why, why_size, "line %u: it has more than %d lines, or a line of more than %d bytes", number,
                           INI_LINES, INI_LINE_BYTES);
        char *line = arena_copy(reader->arena, bytes + at, bytes_of);
        ini_without_remark(line, &within);
        ini_line(reader, place, line, number);
        at += bytes_of + 1;
    }
    return true;
}

static enum ini_sort ini_sort_of(const struct ini_file *file)
{
    static const struct {
        const char *key;
        enum ini_sort sort;
    } keys[] = {{"exten", INI_DIALPLAN},  {"same", INI_DIALPLAN}, {"include", INI_DIALPLAN}, {"member", INI_QUEUES},
                {"strategy", INI_QUEUES}, {"agent", INI_AGENTS},  {"fullname", INI_AGENTS}};
    for (const struct ini_section *section = file->sections; section; section = section->next)
        for (const struct ini_key *key = section->keys; key; key = key->next)
            for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
                if (strcasecmp(key->name, keys[i].key) == 0) return keys[i].sort;
    return file->sections ? INI_OTHER : INI_NONE;
}

struct ini_file *ini_read(struct importer *import, const char *path, const char *bytes, size_t length, char *why,
                          size_t why_size)
{
    struct ini_file *file = ARENA_NEW(import->arena, struct ini_file);
    struct ini_reader reader = {.import = import, .arena = import->arena, .file = file};
    const struct ini_place place = {.path = path};
    *file = (struct ini_file){.path = path};
    file->end = &file->sections, file->faults_end = &file->faults;
    if (!ini_lines(&reader, &place, bytes, length, why, why_size)) return NULL;
    file->sort = ini_sort_of(file);
    for (const struct ini_key *fault = file->faults; fault; fault = fault->next)
        if (fault->why && (file->sort == INI_NONE || file->sort == INI_OTHER))
            file->sort = INI_DIALPLAN; /* an include that cannot be read is reported as a fault of a dialplan */
    if (file->sort != INI_NONE && file->sort != INI_OTHER) return file;
    why_set(why, why_size,
            "it has the form of Asterisk's files, and is none of extensions.conf, queues.conf, agents.conf");
    return NULL;
}
