/* runtime/twin/what_if.c - gcxtwin what-if: what another version, or other settings, would have decided in the last
 * hours that are in the journal. Command line, progress, and the result. */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/twin/doors.h"
#include "runtime/twin/exits.h"
#include "runtime/twin/load.h"
#include "runtime/twin/tell.h"
#include "runtime/twin/what_if_play.h"
#include "base/memory.h"
#include "base/shown.h"
#include "base/usage.h"
#include "base/written.h"

enum { DAY_S = 86400 };

struct what_if_line {
    const char *config, *socket, *state, *point, *directory;
    int64_t since_us;
    struct what_if_change changes[WHAT_IF_CHANGES];
    size_t change_count;
    const char *answers[LOAD_ANSWERS];
    size_t answer_count;
    bool json, no_load;
};

#define OPTIONS_DEF  "runtime/twin/what_if_options.def"
#define OPTIONS_LINE struct what_if_line
#define EXITS_DEF    "runtime/twin/exits.def"
#include "base/usage_rows.h"

static const char *what_if_read(void *into, int option, const char *text)
{
    struct what_if_line *line = into;
    const char *name = usage_options[option].name;
    if (strcmp(name, "since") == 0) {
        if (strcmp(text, "0") == 0) {
            line->since_us = 0;
            return NULL;
        }
        return written_duration(text, strlen(text), &line->since_us) && line->since_us > 0
                   ? NULL
                   : "takes a duration, as 24h or 7d, or 0 for all";
    }
    if (strcmp(name, "answers") == 0) {
        if (line->answer_count == LOAD_ANSWERS) return "is given too often";
        line->answers[line->answer_count++] = text;
        return NULL;
    }
    if (line->change_count == WHAT_IF_CHANGES) return "is given too often";
    line->changes[line->change_count++] = (struct what_if_change){text, strcmp(name, "table") == 0};
    return NULL;
}

static const struct usage usage = {
    .program = "gcxtwin what-if",
    .head = "Usage: gcxtwin what-if [OPTION...] [IMAGE]\n"
            "\n"
            "Plays what is in the journal through IMAGE, or through the present version with other settings, and "
            "tells\n"
            "what would have been decided otherwise, where and why. The journal is only read, also while gcxvm "
            "writes it.\n"
            "IMAGE: a file (.gcxb), or the whole hash of an image in the journal.\n\n",
    .options = usage_options,
    .exits = usage_exits,
    .read = what_if_read,
};

static void what_if_on_progress(void *self, unsigned thousandth)
{
    (void)self;
    fprintf(stderr, "\r\033[K%u.%u %%", thousandth / 10, thousandth % 10);
    fflush(stderr);
}

static int what_if_tell(const struct what_if_line *line, const char *image, const char *state,
                        const struct what_if_found *found, const struct load *load)
{
    const struct tell_head head = {.door = "what-if",
                                   .point = line->point,
                                   .image = image,
                                   .state = state,
                                   .took_us = found->took_us,
                                   .ended = *found->ended ? found->ended : NULL};
    if (line->json) {
        json_t *object = tell_json(&found->tally, &head);
        if (load && json_object_set_new(object, "load", load_json(load)) != 0) abort();
        (void)json_dumpf(object, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(object);
    } else {
        tell_print(&found->tally, &head, stdout);
        if (*found->nothing) shown_print(stdout, "Nothing was compared: %s.\n", found->nothing);
        if (found->hidden > 0)
            printf("%" PRIu64 " keys of secrets are erased: what was decided by those secrets may differ for that.\n",
                   found->hidden);
        if (load) load_print(load, stdout);
    }
    if (!usage_printed(&usage, "the result")) return TWIN_EXIT_trouble;
    int end = tell_exit(&found->tally);
    return *found->ended && end != TWIN_EXIT_differs ? TWIN_EXIT_trouble : end;
}

/* Returns the image as gcxdb takes it from any folder: a file's whole path, or the hash; malloc'ed. */
static char *what_if_whole(const char *image)
{
    char *whole = image ? realpath(image, NULL) : NULL;
    return whole ? whole : memory_text(image);
}

/* ---- waits and load ---- */

/* Does the file hold the image of this hash, in hexadecimal digits? */
static bool what_if_holds(const char *path, const char *hash)
{
    char digits[2 * IMAGE_HASH + 1] = "";
    struct image_header header;
    FILE *file = fopen(path, "rb");
    if (file && fread(&header, sizeof header, 1, file) == 1)
        (void)sodium_bin2hex(digits, sizeof digits, header.hash, IMAGE_HASH);
    if (file) (void)fclose(file);
    return *digits && strcmp(digits, hash) == 0;
}

/* Simulates the day that was written into the folder, or says why not. */
static void what_if_load(struct load *load, const struct what_if_line *line, const struct what_if_terms *terms,
                         const struct what_if_found *found, const char *whole)
{
    const struct conf *conf = terms->conf;
    const char *present = NULL, *agents = conf_directory_source(conf) ? NULL : conf->directory;
    for (size_t i = 0; !present && i < conf->strategy_count; i++)
        if (what_if_holds(conf->strategies[i], found->day.present)) present = conf->strategies[i];
    char *files[] = {what_if_whole(conf->file), what_if_whole(present), what_if_whole(agents)};
    const struct load_names names = {.config = files[0],
                                     .state = terms->state,
                                     .image = terms->file ? whole : NULL,
                                     .present = *files[1] ? files[1] : NULL,
                                     .directory = *files[2] ? files[2] : NULL};
    load->day = found->day;
    load->answer_count = line->answer_count;
    memcpy(load->answers, line->answers, sizeof load->answers);
    load_by_hand(load, &names);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) free(files[i]);
    if (line->change_count > 0 || line->directory || !terms->image)
        (void)snprintf(load->why, sizeof load->why, "a simulation knows another version, and no other settings");
    else if (*found->ended)
        (void)snprintf(load->why, sizeof load->why, "the comparison ended early");
    else if (*found->day_failed || !terms->day)
        (void)snprintf(load->why, sizeof load->why, "%s", terms->day ? found->day_failed : "no folder can be made");
    else
        load_play(load, terms->day, terms->file ? whole : NULL, &door_stops);
}

static int what_if_run(const struct what_if_line *line, const struct conf *conf, const char *image)
{
    static struct what_if_found found; /* too large for the stack */
    struct error error = {0};
    bool shows = !line->json && isatty(STDERR_FILENO) != 0;
    const char *beside = getenv("TMPDIR");
    char *folder = memory_format("%s/gcxtwin-XXXXXX", beside && *beside ? beside : "/tmp");
    bool loads = !line->no_load && image && line->change_count == 0 && !line->directory && mkdtemp(folder);
    const struct what_if_terms terms = {.conf = conf,
                                        .state = line->state ? line->state : conf->state,
                                        .image = image,
                                        .point = line->point,
                                        .since_us = (uint64_t)line->since_us,
                                        .changes = line->changes,
                                        .change_count = line->change_count,
                                        .directory = line->directory,
                                        .day = loads ? folder : NULL,
                                        .file = image && access(image, F_OK) == 0,
                                        .stop = &door_stops,
                                        .progress = shows ? what_if_on_progress : NULL};
    struct load load = {0};
    char *whole = what_if_whole(image);
    bool good = what_if_play(&terms, &found, &error);
    if (shows) fputs("\r\033[K", stderr);
    if (shows && loads && good) fputs("simulating ...", stderr);
    if (good && !line->no_load) what_if_load(&load, line, &terms, &found, whole);
    if (shows) fputs("\r\033[K", stderr);
    if (loads) day_remove(folder);
    int end = TWIN_EXIT_trouble;
    if (good)
        end = what_if_tell(line, *whole ? whole : NULL, terms.state, &found, line->no_load ? NULL : &load);
    else
        shown_print(stderr, "gcxtwin: %s\n", error.text);
    load_free(&load);
    free(whole);
    free(folder);
    return end;
}

int what_if_main(int argc, char **argv)
{
    struct what_if_line line = {.socket = getenv("GCX_ADMIN"), .since_us = INT64_C(1000000) * DAY_S};
    int end;
    if (!usage_read(&usage, &line, argc, argv, &end)) return end;
    if (argc - optind > 1) return usage_wrong(&usage, "expected one image");
    const char *image = argc > optind ? argv[optind] : NULL;
    if (!image && line.change_count == 0 && !line.directory)
        return usage_wrong(&usage, "expected an image, or a setting that is to be another");
    if (!line.config && (!line.socket || !*line.socket))
        return usage_wrong(&usage, "expected --config, or --socket of a gcxvm that runs");
    if (sodium_init() < 0) return TWIN_EXIT_memory;
    struct conf *conf = door_conf(line.config, line.socket);
    if (!conf) return TWIN_EXIT_trouble;
    door_signals();
    (void)setpriority(PRIO_PROCESS, 0, 10); /* calls come first; at 19 a busy machine would never get to it */
    end = what_if_run(&line, conf, image);
    conf_free(conf);
    return end;
}
