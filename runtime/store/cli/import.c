/* runtime/store/cli/import.c - gcxstore: standard responses from a folder of texts, or from comma-separated values. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/cli/cli.h"
#include "runtime/vocabulary/csv.h"
#include "runtime/vocabulary/file.h"

enum { FILE_MAX = 64 << 20, DEPTH_MAX = 8, PATH_SIZE = 4096, COLUMNS = 5 };

static bool refuse(struct cli *cli, const char *path, const char *why)
{
    error_set(&cli->error, ERROR_INPUT, "%.150s: %.90s", path, why);
    return false;
}

static bool put(struct cli *cli, const char *path, const struct store_response *response)
{
    struct error why = {0};
    if (store_response_put(cli->store, cli->tenant, response, cli_now(), &why)) return true;
    error_set(&cli->error, why.code, "%.100s: %.150s", path, why.text);
    return false;
}

/* ---- comma-separated values ---- */

static const char *const columns[COLUMNS] = {"category", "name", "language", "subject", "text"};

/* Where each column stands; -1: nowhere. */
static bool head_read(struct cli *cli, const char *path, const struct csv_field *fields, int count, int places[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) places[i] = -1;
    for (int at = 0; at < count; at++) {
        int column = 0;
        while (column < COLUMNS && strcmp(fields[at].bytes, columns[column]) != 0) column++;
        if (column == COLUMNS || places[column] >= 0)
            return refuse(cli, path, "its first line names the columns: category, name, language, subject, text");
        places[column] = at;
    }
    if (places[1] >= 0 && places[4] >= 0) return true;
    return refuse(cli, path, "it lacks the column name or text");
}

static struct span field_of(const struct csv_field *fields, int count, int place)
{
    if (place < 0 || place >= count) return span_of("");
    return (struct span){(const uint8_t *)fields[place].bytes, (uint32_t)fields[place].length};
}

static bool records_read(struct cli *cli, const char *path, char *text, size_t length, int64_t *count)
{
    struct csv_text csv;
    struct csv_field fields[COLUMNS];
    int places[COLUMNS], found;
    csv_text_begin(&csv, text, length);
    found = csv_text_next(&csv, fields, COLUMNS);
    if (found <= 0 || found > COLUMNS) return refuse(cli, path, csv.wrong ? csv.wrong : "it has no line of columns");
    if (!head_read(cli, path, fields, found, places)) return false;
    while ((found = csv_text_next(&csv, fields, COLUMNS)) > 0) {
        char where[PATH_SIZE + 16];
        struct span values[COLUMNS];
        snprintf(where, sizeof where, "%s:%u", path, csv.line);
        if (found > COLUMNS) return refuse(cli, where, "it has more fields than there are columns");
        for (int i = 0; i < COLUMNS; i++) values[i] = field_of(fields, found, places[i]);
        struct store_response response = {
            .category = values[0], .name = values[1], .language = values[2], .subject = values[3], .text = values[4]};
        if (!put(cli, where, &response)) return false;
        ++*count;
    }
    return found == 0 || refuse(cli, path, csv.wrong);
}

static bool csv_import(struct cli *cli, const char *path, int64_t *count)
{
    const char *why;
    size_t length;
    char *text = file_read(path, FILE_MAX, &length, &why);
    if (!text) return refuse(cli, path, why);
    bool good = records_read(cli, path, text, length, count);
    free(text);
    return good;
}

/* ---- a folder ---- */

/* "late.de.txt" is the response late in German. A first line "Subject: ..." is its subject. */
static bool text_import(struct cli *cli, const char *path, struct span category, const char *file, int64_t *count)
{
    static const char subject[] = "Subject: ";
    const char *why;
    size_t length, stem = strlen(file) - 4;
    char *text = file_read(path, STORE_RESPONSE_MAX + STORE_SUBJECT_MAX, &length, &why), *body = text;
    if (!text) return refuse(cli, path, why);
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
    bool good = put(cli, path, &response);
    free(text);
    *count += good;
    return good;
}

static bool is_text(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".txt") == 0;
}

/* Whatever is neither a folder nor a text is passed over, and so is what is hidden. `top` bytes of the path are not the
 * category. */
static bool folder_import(struct cli *cli, const char *folder, size_t top, unsigned depth, int64_t *count)
{
    DIR *dir = opendir(folder);
    if (!dir) return refuse(cli, folder, strerror(errno));
    struct dirent *entry;
    bool good = true;
    while (good && (entry = readdir(dir))) {
        char path[PATH_SIZE];
        struct span category = span_of(folder + (strlen(folder) > top ? top : strlen(folder)));
        if (entry->d_name[0] == '.') continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path)
            good = refuse(cli, folder, "a path in it is too long");
        else if (is_text(entry->d_name))
            good = text_import(cli, path, category, entry->d_name, count);
        else if (entry->d_type == DT_DIR)
            good = depth < DEPTH_MAX ? folder_import(cli, path, top, depth + 1, count)
                                     : refuse(cli, path, "folders stand in one another too deeply");
    }
    closedir(dir);
    return good;
}

enum cli_exit cli_import(struct cli *cli)
{
    const char *path = cli->words[0];
    size_t length = strlen(path);
    int64_t count = 0;
    bool values = length > 4 && strcmp(path + length - 4, ".csv") == 0;
    bool good = values ? csv_import(cli, path, &count) : folder_import(cli, path, length, 0, &count);
    printf("%lld standard responses taken in\n", (long long)count);
    return cli_end(cli, good);
}
