/* compiler/import/asterisk/ini.c - Reads Asterisk's configuration files (ini.h). */
#include "compiler/import/asterisk/ini.h"

#include <ctype.h>
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

static void ini_add(struct arena *arena, struct ini_key ***end, const char *name, const char *value, uint32_t line)
{
    struct ini_key *key = ARENA_NEW(arena, struct ini_key);
    *key = (struct ini_key){.name = name, .value = value, .line = line};
    **end = key;
    *end = &key->next;
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

struct ini_reader {
    struct arena *arena;
    struct ini_file *file;
    struct ini_section *section;
    uint32_t keys;
};

/* Copies the keys of a template into the section. */
static void ini_inherit(struct ini_reader *reader, const char *name)
{
    const struct ini_section *template = ini_find(reader->file, name);
    if (!template || template == reader->section) return;
    for (const struct ini_key *key = template->keys; key && reader->keys < INI_KEYS; key = key->next, reader->keys++)
        ini_add(reader->arena, &reader->section->end, key->name, key->value, key->line);
}

/* Reads [name](!,template,+). With + the keys are added to the existing section of that name. */
static bool ini_head(struct ini_reader *reader, char *line, uint32_t number)
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
        *section = (struct ini_section){
            .name = arena_copy(reader->arena, name, strlen(name)), .line = number, .template = template};
        section->end = &section->keys;
        *reader->file->end = section;
        reader->file->end = &section->next;
        flow_names_add(reader->arena, &reader->file->names, section->name, section);
    }
    reader->section = section;
    for (size_t i = 0; i < count; i++) ini_inherit(reader, templates[i]);
    return true;
}

static void ini_line(struct ini_reader *reader, char *line, uint32_t number)
{
    line = ini_trimmed(line);
    if (!*line) return;
    char *equals = strchr(line, '=');
    if (*line == '[' && ini_head(reader, line, number)) return;
    if (*line == '#' || *line == '[' || !equals || !reader->section || reader->keys++ > INI_KEYS) {
        ini_add(reader->arena, &reader->file->faults_end, "", arena_copy(reader->arena, line, strlen(line)), number);
        return;
    }
    *equals = '\0';
    const char *name = ini_trimmed(line), *value = ini_trimmed(equals + (equals[1] == '>' ? 2 : 1));
    ini_add(reader->arena, &reader->section->end, arena_copy(reader->arena, name, strlen(name)),
            arena_copy(reader->arena, value, strlen(value)), number);
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

struct ini_file *ini_read(struct arena *arena, const char *path, const char *bytes, size_t length, char *why,
                          size_t why_size)
{
    struct ini_file *file = ARENA_NEW(arena, struct ini_file);
    struct ini_reader reader = {.arena = arena, .file = file};
    bool within = false;
    *file = (struct ini_file){.path = path};
    file->end = &file->sections, file->faults_end = &file->faults;
    if (memchr(bytes, '\0', length)) {
        why_set(why, why_size, "it has a zero byte, which no text has");
        return NULL;
    }
    if (!utf8_is_text(bytes, (uint32_t)length)) {
        why_set(why, why_size, "it is not UTF-8");
        return NULL;
    }
    uint32_t number = 0;
    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t bytes_of = end ? (size_t)(end - bytes) - at : length - at;
        if (++number > INI_LINES || bytes_of > INI_LINE_BYTES) {
            why_set(why, why_size, "line %u: it has more than %d lines, or a line of more than %d bytes", number,
                    INI_LINES, INI_LINE_BYTES);
            return NULL;
        }
        char *line = arena_copy(arena, bytes + at, bytes_of);
        ini_without_remark(line, &within);
        ini_line(&reader, line, number);
        at += bytes_of + 1;
    }
    file->sort = ini_sort_of(file);
    if (file->sort != INI_NONE && file->sort != INI_OTHER) return file;
    why_set(why, why_size,
            "it has the form of Asterisk's files, and is none of extensions.conf, queues.conf, agents.conf");
    return NULL;
}
