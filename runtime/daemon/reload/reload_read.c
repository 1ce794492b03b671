/* runtime/daemon/reload/reload_read.c - Reads and checks the files of a load: the images, the directory, and that
 * they fit together at the routing points.
 *
 *     reading_from()  ->  reading_images()  ->  reading_directory()  ->  reading_compare()
 *     which directory     each file of          rows, columns, names,    is it the one in force;
 *                         `strategies`          strategies of points     else, what differs
 *
 * Nothing is changed before everything has been checked: the core gets nothing of a load that is only half good.
 * reading_directory() may wait for a database, and can be stopped. */
#include "runtime/daemon/reload/reload_state.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/run/arguments.h"
#include "runtime/daemon/directory/import_check.h"
#include "runtime/daemon/directory/postgres.h"
#include "base/memory.h"

void reading_free(struct site_reading *reading)
{
    import_free(reading->directory);
    import_free(reading->differs_from);
    free(reading->file);
    kept_forget(&reading->kept);
    free(reading->images);
    free(reading->place);
    warnings_clear(&reading->warnings);
    names_used_free(&reading->used);
}

/* Writes a line of the configuration for messages, "gcx.conf:2". */
static const char *line_named(const struct conf *conf, int line, char text[160])
{
    if (line > 0)
        snprintf(text, 160, "%.140s:%d", conf->file, line);
    else
        snprintf(text, 160, "%.140s", conf->file);
    return text;
}

/* Writes where the configuration names the image with this index. */
static const char *place_named(const struct conf *conf, size_t place, char text[160])
{
    return line_named(conf, place < conf->strategy_count ? conf->strategy_lines[place] : 0, text);
}

/* Returns the condition of the routing point that the strategy does not meet; NULL: it meets all. */
static const char *reload_read_misplaced(const struct directory_import *directory, const struct image *image,
                                         const struct import_point *point)
{
    const struct image_strategy *strategy =
        image_strategy_named(image, point->strategy, (uint32_t)strlen(point->strategy));
    assert(strategy);
    if (strategy->media == MEDIUM_ALL) return NULL;
    if (import_has(directory, table_campaign, point->dn))
        return (strategy->media & 1u << media_outbound) != 0
                   ? NULL
                   : "is not for the records of the campaign of that name; expected one `on outbound`";
    if (import_is_queue(directory, point->dn) || (strategy->media & (1u << media_voice | 1u << media_callback)) != 0)
        return NULL;
    return "is not for calls; expected one `on voice` or `on callback`, a DN of type queue, or a campaign of that name";
}

/* Finds the one file that has the strategy. Two files with the same strategy are an error, unless both are the same
 * image. */
static bool strategy_find(struct site_reading *reading, const struct import_point *point, size_t *place,
                          struct error *error)
{
    const struct conf *conf = reading->conf;
    uint32_t length = (uint32_t)strlen(point->strategy);
    bool found = false;
    char at[160], what[512];
    for (size_t i = 0; i < conf->strategy_count; i++) {
        if (!image_strategy_named(reading->images[i], point->strategy, length)) continue;
        if (found && reading->images[*place] != reading->images[i])
            return error_set(error, ERROR_INPUT, "strategy %s of routing point %s is in %s and in %s", point->strategy,
                             point->dn, conf->strategies[*place], conf->strategies[i]);
        found = true;
        *place = i;
    }
    const char *wrong = found ? reload_read_misplaced(reading->directory, reading->images[*place], point) : NULL;
    if (found && !wrong) return true;
    if (found)
        snprintf(what, sizeof what, "strategy %s %s", point->strategy, wrong);
    else
        snprintf(what, sizeof what, "strategy %s is in no image of the configuration; expected one in `strategies`, %s",
                 point->strategy, place_named(conf, 0, at));
    import_point_wrong(reading->file, point->dn, what, error);
    return false;
}

/* Checks that the strategy can begin with the parameters that the directory gives it. */
static bool given_good(const struct site_reading *reading, const struct import_point *point, size_t place,
                       struct error *error)
{
    const struct image *image = reading->images[place];
    const struct image_strategy *strategy =
        image_strategy_named(image, point->strategy, (uint32_t)strlen(point->strategy));
    struct span name;
    enum arguments_fault fault = arguments_check(image, strategy, point->given, &name);
    if (fault == ARGUMENTS_GOOD) return true;
    return error_set(error, ERROR_INPUT, "%s: table routing_point_given, row %s/%.*s: strategy %s %s", reading->file,
                     point->dn, (int)name.length, (const char *)name.bytes, point->strategy,
                     fault == ARGUMENTS_UNKNOWN   ? "has no parameter of that name"
                     : fault == ARGUMENTS_MISSING ? "must be given that parameter; insert a row"
                                                  : "takes another type there; write the value as in the language");
}

/* Finds the section of the source with this name; NULL: there is none. */
static const struct conf_source *reload_source_find(const struct conf *conf, struct text name)
{
    for (size_t k = 0; k < conf->source_count; k++)
        if (strlen(conf->sources[k].name) == name.length && memcmp(conf->sources[k].name, name.bytes, name.length) == 0)
            return &conf->sources[k];
    return NULL;
}

/* True: the statement is written for a database of this kind. The mark of its first parameter shows that: ?1 or $1.
 * A statement without parameters fits both kinds. */
static bool kind_fits(const struct image *image, const struct image_statement *statement,
                      const struct conf_source *source)
{
    struct text sql = image_text(image, statement->sql);
    return statement->parameters == 0 || memmem(sql.bytes, sql.length, source->postgres[0] ? "$1" : "?1", 2);
}

/* True: the configuration has an endpoint of this name. */
static bool endpoint_there(const struct conf *conf, struct text name)
{
    for (size_t k = 0; k < conf->endpoint_count; k++)
        if (strlen(conf->endpoints[k].name) == name.length &&
            memcmp(conf->endpoints[k].name, name.bytes, name.length) == 0)
            return true;
    return false;
}

/* Checks that every source that the image's statements use is in the configuration, and is of their kind: otherwise
 * each query would fail. */
bool reload_sources_check(const struct conf *conf, const struct image *image, const char *file, struct error *error)
{
    for (uint32_t i = 0; i < image_count(image, SECTION_STATEMENTS); i++) {
        const struct image_statement *statement = image_statement(image, i);
        struct text name = image_text(image, image_name(image, statement->source)->text);
        if (statement_is_request(statement->mode)) {
            if (endpoint_there(conf, name)) continue;
            return error_set(error, ERROR_UNKNOWN,
                             "%s: asks endpoint %.*s, which is not in %s; expected `endpoint %.*s { ... }`", file,
                             (int)name.length, name.bytes, conf->file, (int)name.length, name.bytes);
        }
        const struct conf_source *source = reload_source_find(conf, name);
        if (!source)
            error_set(error, ERROR_UNKNOWN,
                      "%s: queries source %.*s, which is not in %s; expected `source %.*s { ... }`", file,
                      (int)name.length, name.bytes, conf->file, (int)name.length, name.bytes);
        else if (!kind_fits(image, statement, source))
            error_set(error, ERROR_INPUT,
                      "%s: source %s is %s, but its statements are written for %s; expected `source %s %s schema ...` "
                      "in the site",
                      file, source->name, source->postgres[0] ? "PostgreSQL" : "SQLite",
                      source->postgres[0] ? "SQLite" : "PostgreSQL", source->name,
                      source->postgres[0] ? "postgres" : "sqlite");
        if (!source || !kind_fits(image, statement, source)) return false;
    }
    return true;
}

/* A directory imported by hand is read from the kept copy. A directory that was imported by hand stays in use over
 * restarts until somebody loads the configuration's directory again. */
void reading_from(struct site_reading *reading, const struct conf *conf, const struct activation_asker *asker,
                  const struct reload_from *from)
{
    assert(reading && conf && asker->actor);
    const char *file = from ? from->file : NULL;
    *reading = (struct site_reading){.conf = conf};
    if (!file && !(from && from->configured)) {
        reading->of_copy = kept_by_hand(conf->state, &reading->kept);
        if (reading->of_copy) {
            reading->file = kept_file(conf->state);
            return;
        }
        kept_forget(&reading->kept);
    }
    reading->file = memory_text(file ? file : conf->directory);
    reading->kept = (struct kept_import){.source = memory_text(reading->file),
                                         .by_hand = file != NULL,
                                         .actor = memory_text(asker->actor),
                                         .why = asker->why ? memory_text(asker->why) : NULL};
}

bool reading_images(struct site_reading *reading, struct programs *programs, struct error *error)
{
    assert(reading && reading->conf && programs);
    const struct conf *conf = reading->conf;
    reading->images = memory_zeroed(conf->strategy_count, sizeof *reading->images);
    for (size_t i = 0; i < conf->strategy_count; i++) {
        struct error why = {0};
        char at[160];
        reading->images[i] = programs_read(programs, conf->strategies[i], &why);
        if (!reading->images[i]) error_set(error, why.code, "%s: %s", place_named(conf, i, at), why.text);
        if (!reading->images[i] || !reload_sources_check(conf, reading->images[i], conf->strategies[i], error))
            return false;
    }
    return true;
}

/* The slow half. */
bool reading_directory(struct site_reading *reading, const atomic_bool *stop, struct error *error)
{
    assert(reading->images);
    const struct conf *conf = reading->conf;
    struct import_point point;
    struct error why = {0};
    char at[160];
    if (reading->of_copy && !kept_check(conf->state, error)) return false;
    bool configured = strcmp(reading->file, conf->directory) == 0;
    const struct conf_source *source = configured ? conf_directory_source(conf) : NULL;
    unsigned seconds = (unsigned)conf->directory_s;
    reading->directory = source && source->postgres[0]
                             ? import_read_postgres(reading->file, source, seconds, stop, &why)
                             : import_read(source ? source->database : reading->file, seconds, stop, &why);
    /* no file was read in which a line could be named: the configuration's line is named */
    if (!reading->directory && configured && why.code == ERROR_UNAVAILABLE)
        error_set(error, why.code, "%s: %s", line_named(conf, conf->directory_line, at), why.text);
    else if (!reading->directory)
        *error = why;
    if (!reading->directory) return false;
    for (size_t i = 0; import_doubt(reading->directory, i); i++)
        warnings_add(&reading->warnings, "%s", import_doubt(reading->directory, i));
    if (!import_check(reading->directory, reading->file, reading->images, conf->strategy_count, error)) return false;
    while (import_point(reading->directory, reading->points, &point)) reading->points++;
    reading->place = memory_zeroed(reading->points, sizeof *reading->place);
    for (size_t i = 0; import_point(reading->directory, i, &point); i++)
        if (!strategy_find(reading, &point, &reading->place[i], error) ||
            !given_good(reading, &point, reading->place[i], error))
            return false;
    return reading_names(reading, error);
}

/* Opens the copy in the state folder, if its rows are those of the core. The copy may come from another version of
 * gcxvm, which made other rows of the same tables: the hash shows that. */
static struct directory_import *rows_in_force(const struct site_reading *reading, const struct kept_import *about,
                                              const atomic_bool *stop)
{
    uint8_t hash[IMPORT_HASH];
    if (sodium_is_zero(reading->in_force, IMPORT_HASH) || about->version != reading->version) return NULL;
    char *file = kept_file(reading->conf->state);
    struct directory_import *rows = import_read(file, (unsigned)reading->conf->directory_s, stop, NULL);
    free(file);
    if (rows) import_hash(rows, hash);
    if (rows && memcmp(hash, reading->in_force, IMPORT_HASH) == 0 && import_may_differ(rows, reading->directory))
        return rows;
    import_free(rows);
    return NULL;
}

/* `keeps`: the copy has to be written again, as its rows, its version or its origin have changed. */
void reading_compare(struct site_reading *reading, const atomic_bool *stop)
{
    assert(reading->directory && !reading->differs_from);
    struct kept_import about = {0};
    bool kept = kept_about(reading->conf->state, &about);
    import_hash(reading->directory, reading->hash);
    reading->same = memcmp(reading->hash, reading->in_force, IMPORT_HASH) == 0;
    if (!reading->same && kept) reading->differs_from = rows_in_force(reading, &about, stop);
    reading->keeps = !reading->same || !kept || about.version != reading->version ||
                     about.by_hand != reading->kept.by_hand || strcmp(about.source, reading->kept.source) != 0;
    if (!reading->keeps) reading->kept.version = reading->version;
    kept_forget(&about);
}

/* Reads and checks everything; if the reading fails, the names and warnings found so far are reported all the same. */
bool reload_check(const struct conf *conf, struct programs *programs, struct warnings *warnings, reload_name *hear,
                  void *self, struct error *error)
{
    assert(conf && programs && warnings);
    struct site_reading reading;
    reading_from(&reading, conf, &(struct activation_asker){.actor = "check"},
                 &(struct reload_from){.configured = true});
    bool good = reading_images(&reading, programs, error) && reading_directory(&reading, NULL, error) &&
                reading_adapters(&reading, error);
    if (reading.directory && reading.place) reading_site(&reading, hear, self);
    *warnings = reading.warnings;
    reading.warnings = (struct warnings){0};
    reading_free(&reading);
    return good;
}
