/* runtime/store/cli/import.c - gcxstore: imports standard responses from a folder of texts, or from comma-separated
 * values. All of them are read before the first one is stored, so either all are imported or none.
 *
 *     folder/billing/late.de.txt       category "billing", name "late", language "de"
 *     folder/hello.txt                 no category, name "hello", no language
 *     list.csv                         columns category, name, language, subject, text in any order
 *
 * The texts of all files stay in memory until all are stored: responses point into them. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/store/cli/cli.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/shown.h"

enum { BYTES_MAX = 64 << 20, DEPTH_MAX = 8, ENTRIES_MAX = 10000, PATH_SIZE = 4096, COLUMNS = 5 };

struct response_place { /* where a response stands */
    const char *path;
    unsigned line;    /* line of the response in the file; 0: the whole file is one response */
    const char *from; /* the text whose lines are counted from `line` on; NULL: the response's own text */
};

struct import {
    struct store_cli *cli;
    struct store_response *responses;
    struct response_place *places;
    size_t count;
    char **texts; /* texts to which the responses and their places point */
    size_t text_count;
    size_t bytes;     /* of the files */
    dev_t device;     /* device of the folder: files of other devices mounted below it are not imported */
    unsigned entries; /* of folders, so far */
};

static bool response_refuse(struct import *import, const char *path, const char *why)
{
    return error_set(&import->cli->error, ERROR_INPUT, "%.150s: %.95s", path, why);
}

static void place_write(const struct response_place *place, char *text, size_t size)
{
    if (place->line > 0)
        snprintf(text, size, "%.*s:%u", PATH_SIZE, place->path, place->line);
    else
        snprintf(text, size, "%s", place->path);
}

static bool refuse_at(struct import *import, const struct response_place *place, const char *why)
{
    char where[PATH_SIZE + 16];
    place_write(place, where, sizeof where);
    return response_refuse(import, where, why);
}

static void response_add(struct import *import, const struct store_response *response, struct response_place place)
{
    assert(place.path);
    import->responses = memory_grown(import->responses, import->count + 1, sizeof *import->responses);
    import->places = memory_grown(import->places, import->count + 1, sizeof *import->places);
    import->responses[import->count] = *response;
    import->places[import->count++] = place;
}

static char *response_text_keep(struct import *import, char *text)
{
    import->texts = memory_grown(import->texts, import->text_count + 1, sizeof *import->texts);
    return import->texts[import->text_count++] = text;
}

/* NULL: it was refused. The sum of all files is limited, not only each of them. */
static char *text_read(struct import *import, const char *path, size_t most, size_t *length)
{
    const char *why;
    char *text = file_read(path, most, length, &why);
    if (!text) {
        response_refuse(import, path, why);
        return NULL;
    }
    response_text_keep(import, text);
    import->bytes += *length;
    if (import->bytes <= BYTES_MAX) return text;
    response_refuse(import, path, "the files before it and this one have more than 64 MiB");
    return NULL;
}

/* ---- comma-separated values ---- */

static const char *const columns[COLUMNS] = {"category", "name", "language", "subject", "text"};

/* Finds the place of each column; -1: the file does not have it. The columns may be in any order; only name and text
 * are mandatory, and none may be there twice. */
static bool response_head_read(struct import *import, const char *path, const struct csv_field *fields, int count,
                               int places[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) places[i] = -1;
    for (int at = 0; at < count; at++) {
        int column = 0;
        while (column < COLUMNS && strcmp(fields[at].bytes, columns[column]) != 0) column++;
        if (column == COLUMNS || places[column] >= 0)
            return response_refuse(import, path,
                                   "its first line names the columns: category, name, language, subject, text");
        places[column] = at;
    }
    if (places[1] >= 0 && places[4] >= 0) return true;
    return response_refuse(import, path, "it lacks the column name or text");
}

static struct span field_of(const struct csv_field *fields, int place)
{
    if (place < 0) return span_of("");
    return (struct span){(const uint8_t *)fields[place].bytes, (uint32_t)fields[place].length};
}

static bool fields_refuse(struct import *import, const struct response_place *place, int found, int wanted)
{
    char why[128];
    snprintf(why, sizeof why, "it has %d fields, the first line names %d columns; a text with a comma stands in quotes",
             found, wanted);
    return refuse_at(import, place, why);
}

/* Each line must have as many fields as the first: a comma without quotes would shift the rest. */
static bool records_read(struct import *import, const char *path, char *text, size_t length)
{
    struct csv_text csv;
    struct csv_field fields[COLUMNS];
    int places[COLUMNS], found, wanted;
    csv_text_begin(&csv, text, length);
    wanted = csv_text_next(&csv, fields, COLUMNS);
    if (wanted <= 0 || wanted > COLUMNS)
        return response_refuse(import, path, csv.wrong ? csv.wrong : "it has no line of columns");
    if (!response_head_read(import, path, fields, wanted, places)) return false;
    while ((found = csv_text_next(&csv, fields, COLUMNS)) > 0) {
        struct response_place place = {path, csv.line, NULL};
        struct span values[COLUMNS];
        if (found != wanted) return fields_refuse(import, &place, found, wanted);
        assert(found <= COLUMNS);
        for (int i = 0; i < COLUMNS; i++) values[i] = field_of(fields, places[i]);
        response_add(import,
                     &(struct store_response){.category = values[0],
                                              .name = values[1],
                                              .language = values[2],
                                              .subject = values[3],
                                              .text = values[4]},
                     place);
    }
    return found == 0 || refuse_at(import, &(struct response_place){path, csv.line, NULL}, csv.wrong);
}

static bool csv_import(struct import *import, const char *path)
{
    size_t length;
    char *text = text_read(import, path, BYTES_MAX, &length);
    return text && records_read(import, path, text, length);
}

/* ---- a folder ---- */

/* Adds the response of a file: "late.de.txt" is the response `late` in German. A first line "Subject: ..." becomes the
 * response's subject. */
static bool response_text_import(struct import *import, const char *path, struct span category, const char *file)
{
    static const char subject[] = "Subject: ";
    size_t length, stem = strlen(file) - 4;
    char *text = text_read(import, path, STORE_RESPONSE_MAX + STORE_SUBJECT_MAX, &length), *body = text;
    if (!text) return false;
    struct store_response response = {.category = category, .name = {(const uint8_t *)file, (uint32_t)stem}};
    if (stem > 3 && file[stem - 3] == '.') {
        response.language = (struct span){(const uint8_t *)file + stem - 2, 2};
        response.name.length -= 3;
    }
    if (strncmp(text, subject, sizeof subject - 1) == 0) {
        response.subject = (struct span){(const uint8_t *)text + sizeof subject - 1,
                                         (uint32_t)strcspn(text + sizeof subject - 1, "\r\n")};
        body += sizeof subject - 1 + response.subject.length;
        body += strspn(body, "\r\n");
    }
    response.text = (struct span){(const uint8_t *)body, (uint32_t)(length - (size_t)(body - text))};
    response_add(import, &response, (struct response_place){path, 0, text});
    return true;
}

static bool is_text_file(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".txt") == 0;
}

static bool folder_import(struct import *import, const char *folder, size_t top, unsigned depth);

/* Reads only files and folders of the same file system: no links, no pipes, nothing mounted there. The number of
 * entries in all folders is limited, and so is the depth, so that a wrong folder (such as /) fails soon. */
static bool entry_import(struct import *import, const char *folder, const char *name, size_t top, unsigned depth)
{
    char path[PATH_SIZE];
    struct stat info;
    if (++import->entries > ENTRIES_MAX)
        return response_refuse(import, folder,
                               "it has more than 10000 files: name a folder that has only standard responses");
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return response_refuse(import, folder, "a path in it is too long");
    if (lstat(path, &info) != 0) return response_refuse(import, path, strerror(errno));
    if (info.st_dev != import->device) return true;
    if (S_ISDIR(info.st_mode))
        return depth < DEPTH_MAX ? folder_import(import, path, top, depth + 1)
                                 : response_refuse(import, path, "folders stand in one another too deeply");
    if (!S_ISREG(info.st_mode) || !is_text_file(name)) return true;
    char *kept = response_text_keep(import, memory_text(path));
    size_t end = strlen(folder), begin = end > top ? top : end;
    struct span category = {(const uint8_t *)kept + begin, (uint32_t)(end - begin)};
    return response_text_import(import, kept, category, kept + end + 1);
}

/* Hidden files are skipped. The first `top` bytes of the path do not belong to the category. */
static bool folder_import(struct import *import, const char *folder, size_t top, unsigned depth)
{
    struct dirent *entry;
    bool good = true;
    DIR *dir = opendir(folder);
    if (!dir) return response_refuse(import, folder, strerror(errno));
    while (good && (entry = file_next(dir)))
        if (entry->d_name[0] != '.') good = entry_import(import, folder, entry->d_name, top, depth);
    good = good && (errno == 0 || response_refuse(import, folder, strerror(errno)));
    closedir(dir);
    return good;
}

/* ---- put ---- */

/* Reports a refused response: `wrong` is that response, `same` an earlier one with the same name; both are equal if
 * there was another reason. */
static bool response_put(struct import *import)
{
    struct store_cli *cli = import->cli;
    struct error why = {0};
    char where[PATH_SIZE + 16], before[PATH_SIZE + 16];
    size_t wrong, same;
    if (store_responses_put(cli->store, cli->tenant, import->responses, import->count, (int64_t)host_wall_clock_us(),
                            &wrong, &same, &why))
        return true;
    if (import->count == 0) {
        cli->error = why;
        return false;
    }
    place_write(&import->places[wrong], where, sizeof where);
    place_write(&import->places[same], before, sizeof before);
    if (same != wrong)
        error_set(&cli->error, why.code, "%.90s: it is the same standard response as that of %.90s", where, before);
    else
        error_set(&cli->error, why.code, "%.100s: %.150s", where, why.text);
    return false;
}

/* ---- fields that nobody knows ---- */

struct unknown_telling {
    const struct store_response *response;
    const struct response_place *place;
};

/* Reports an unknown field; the line is counted from the beginning of the file, or, in comma-separated values, from
 * the record's line. */
static void import_on_unknown(void *self, struct span name, const char *near)
{
    const struct unknown_telling *telling = self;
    const struct span *text = &telling->response->text;
    const char *at = (const char *)name.bytes, *from = telling->place->from;
    unsigned line = telling->place->line > 0 ? telling->place->line : 1;
    bool within = name.bytes >= text->bytes && name.bytes < text->bytes + text->length;
    /* lines are counted from the text on: in a sheet the columns before it are on one line */
    if (!from) from = within ? (const char *)text->bytes : at;
    for (; from < at; from++) line += *from == '\n';
    shown_print(stderr, "gcxstore: %s:%u: {%.*s} is a field that no contact has: it stays as it stands%s%s%s\n",
                telling->place->path, line, (int)name.length, at, near ? "; did you mean {" : "", near ? near : "",
                near ? "}?" : "");
}

/* Reports unknown fields, but not those of templates, which a network numbers. */
static bool responses_told(struct import *import)
{
    struct store_cli *cli = import->cli;
    bool good = true;
    for (size_t i = 0; good && i < import->count; i++) {
        struct unknown_telling telling = {&import->responses[i], &import->places[i]};
        if (!span_is(import->responses[i].category, "templates"))
            good = store_unknown(cli->store, cli->tenant, &import->responses[i], true, import_on_unknown, &telling,
                                 &cli->error);
    }
    return good;
}

enum cli_exit store_cli_import(struct store_cli *cli)
{
    const char *path = cli->words[0];
    size_t length = strlen(path);
    struct import import = {.cli = cli};
    struct stat info;
    bool good, values = length > 4 && strcmp(path + length - 4, ".csv") == 0;
    if (values)
        good = csv_import(&import, path);
    else if (stat(path, &info) != 0)
        good = response_refuse(&import, path, strerror(errno));
    else {
        import.device = info.st_dev;
        good = folder_import(&import, path, length, 0);
    }
    good = good && response_put(&import);
    if (good) printf("%zu standard responses taken in\n", import.count);
    good = good && responses_told(&import);
    for (size_t i = 0; i < import.text_count; i++) free(import.texts[i]);
    free(import.texts);
    free(import.places);
    free(import.responses);
    return store_cli_end(cli, good);
}
