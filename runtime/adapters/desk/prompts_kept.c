/* runtime/adapters/desk/prompts_kept.c - Replaces sounds, and keeps what they have replaced. See prompts_kept.h. */
#include "runtime/adapters/desk/prompts_kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 12, CHUNK = 8, RATE = 8000, PROMPT_ACTS_SHOWN = 10, PATH_SIZE = 160, SOUNDS_MAX = 5000 };
static const char name_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

struct sound_change { /* one that is not taken back */
    char *sound;      /* "fr/welcome", "welcome" */
    int64_t at_ms, until_ms;
    int64_t before_ms; /* name of the file in .changes; 0: there was no sound before */
};

struct prompts_kept {
    int folder, changes; /* descriptors */
    GPtrArray *open;     /* struct sound_change, in the order of time */
    json_t *acts;        /* the lines of the log */
};

static void sound_change_free(gpointer data)
{
    struct sound_change *change = data;
    g_free(change->sound);
    g_free(change);
}

/* ---- names ---- */

static bool word_good(const char *word, size_t most, bool empty)
{
    size_t length = strlen(word);
    return length <= most && (length > 0 || empty) && word[0] != '.' && strspn(word, name_letters) == length;
}

/* Returns LANGUAGE/NAME; g_free. NULL: the name could be that of another file. */
static char *sound_of(const char *name, const char *language)
{
    if (!word_good(name, 64, false) || !word_good(language, 24, true)) return NULL;
    return *language ? g_strconcat(language, "/", name, NULL) : g_strdup(name);
}

static struct sound_change *sound_change(const struct prompts_kept *kept, const char *sound)
{
    for (guint i = kept->open->len; i > 0; i--) {
        struct sound_change *change = g_ptr_array_index(kept->open, i - 1);
        if (strcmp(change->sound, sound) == 0) return change;
    }
    return NULL;
}

/* ---- the log ---- */

static void act_apply(struct prompts_kept *kept, const json_t *act)
{
    const char *sound = json_string_value(json_object_get(act, "sound"));
    const char *what = json_string_value(json_object_get(act, "what"));
    if (!sound || !what) return;
    struct sound_change *last = sound_change(kept, sound);
    if (last && (strcmp(what, "set") != 0 || last->until_ms != 0)) g_ptr_array_remove(kept->open, last);
    if (strcmp(what, "set") != 0) return;
    struct sound_change *change = g_new0(struct sound_change, 1);
    change->sound = g_strdup(sound);
    change->at_ms = json_integer_value(json_object_get(act, "at_ms"));
    change->until_ms = json_integer_value(json_object_get(act, "until_ms"));
    change->before_ms = json_integer_value(json_object_get(act, "before_ms"));
    g_ptr_array_add(kept->open, change);
}

static bool log_write(struct prompts_kept *kept, json_t *act, struct error *error)
{
    char *line = json_dumps(act, JSON_COMPACT);
    int log = openat(kept->changes, "log.jsonl", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    bool good = log >= 0 && line && dprintf(log, "%s\n", line) > 0 && fsync(log) == 0;
    if (!good) error_set(error, ERROR_SYSTEM, "prompts: the log of changes: %s", g_strerror(errno));
    if (log >= 0) close(log);
    free(line);
    return good;
}

static void log_read(struct prompts_kept *kept)
{
    int log = openat(kept->changes, "log.jsonl", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    FILE *in = log >= 0 ? fdopen(log, "r") : NULL;
    char *line = NULL;
    size_t size = 0;
    while (in && getline(&line, &size, in) > 0) {
        json_t *act = json_loads(line, 0, NULL);
        if (!json_is_object(act)) {
            json_decref(act);
            continue; /* a line that was cut */
        }
        act_apply(kept, act);
        json_array_append_new(kept->acts, act);
    }
    free(line);
    if (in) fclose(in);
}

struct prompts_kept *prompts_kept_new(const char *folder, struct error *error)
{
    struct prompts_kept *kept = g_new0(struct prompts_kept, 1);
    kept->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    kept->changes = -1;
    if (kept->folder >= 0 && (mkdirat(kept->folder, ".changes", 0750) == 0 || errno == EEXIST))
        kept->changes = openat(kept->folder, ".changes", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    kept->open = g_ptr_array_new_with_free_func(sound_change_free);
    kept->acts = json_array();
    if (kept->changes < 0) {
        error_set(error, ERROR_SYSTEM, "prompts: %.200s: %s", folder, g_strerror(errno));
        prompts_kept_free(kept);
        return NULL;
    }
    log_read(kept);
    return kept;
}

void prompts_kept_free(struct prompts_kept *kept)
{
    if (!kept) return;
    if (kept->folder >= 0) close(kept->folder);
    if (kept->changes >= 0) close(kept->changes);
    g_ptr_array_free(kept->open, TRUE);
    json_decref(kept->acts);
    g_free(kept);
}

/* ---- WAVE ---- */

static uint32_t sound_number(const uint8_t *at, unsigned bytes)
{
    uint32_t value = 0;
    while (bytes-- > 0) value = value << 8 | at[bytes];
    return value;
}

/* Reads a WAVE file as callers can hear it. False with a sentence. */
static bool wave_good(const uint8_t *file, size_t length, struct error *error)
{
    bool form = false;
    if (length < HEAD || memcmp(file, "RIFF", 4) != 0 || memcmp(file + 8, "WAVE", 4) != 0)
        return error_set(error, ERROR_INPUT, "This is no WAVE file.");
    for (size_t at = HEAD; at <= length && length - at >= CHUNK;) {
        const uint8_t *chunk = file + at;
        const size_t size = sound_number(chunk + 4, 4), left = length - at - CHUNK;
        if (memcmp(chunk, "fmt ", 4) == 0 && size >= 16 && left >= 16) {
            const uint32_t code = sound_number(chunk + 8, 2), channels = sound_number(chunk + 10, 2),
                           rate = sound_number(chunk + 12, 4), bits = sound_number(chunk + 22, 2);
            form = code == 1 && channels == 1 && rate == RATE && bits == 16;
            if (!form)
                return error_set(error, ERROR_INPUT,
                                 "A prompt has one channel of 8000 samples a second, of 16 bits: this file has %u of "
                                 "%u, of %u bits.",
                                 (unsigned)channels, (unsigned)rate, (unsigned)bits);
        }
        if (memcmp(chunk, "data", 4) == 0)
            return (form && size > 0 && size <= left) || error_set(error, ERROR_INPUT, "This file has no sound.");
        at += CHUNK + size + size % 2;
    }
    return error_set(error, ERROR_INPUT, "This file has no sound.");
}

/* ---- changes ---- */

/* Writes the bytes as a file that is durable under the name, in one step. */
static bool file_put(int folder, const char *path, const uint8_t *bytes, size_t length, struct error *error)
{
    char next[PATH_SIZE + 8];
    snprintf(next, sizeof next, "%s.new", path);
    int file = openat(folder, next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    bool good = file >= 0;
    for (size_t at = 0; good && at < length;) {
        ssize_t wrote = write(file, bytes + at, length - at);
        good = wrote > 0;
        at += good ? (size_t)wrote : 0;
    }
    good = good && fsync(file) == 0;
    if (file >= 0) close(file);
    good = good && renameat(folder, next, folder, path) == 0;
    if (!good) {
        error_set(error, ERROR_SYSTEM, "prompts: %s: %s", path, g_strerror(errno));
        (void)unlinkat(folder, next, 0);
    }
    return good;
}

static bool is_as_it_was_seen(const struct prompts_kept *kept, const char *sound, int64_t seen_ms, struct error *error)
{
    const struct sound_change *last = sound_change(kept, sound);
    if (seen_ms < 0 || seen_ms == (last ? last->at_ms : 0)) return true;
    return error_set(error, ERROR_STATE, "%s was changed meanwhile. Look again.", sound);
}

static json_t *sound_act(const struct prompt_change *change, const char *sound, const char *what, int64_t before_ms)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "sound", sound, "what", what, "by", change->by, "why",
                     change->why, "at_ms", (json_int_t)change->now_ms, "until_ms", (json_int_t)change->until_ms,
                     "before_ms", (json_int_t)before_ms);
}

/* Writes the act into the log, and remembers it. */
static bool act_note(struct prompts_kept *kept, json_t *act, struct error *error)
{
    bool good = act && log_write(kept, act, error);
    if (good) act_apply(kept, act);
    if (good) json_array_append(kept->acts, act);
    json_decref(act);
    return good;
}

/* Keeps the present sound in .changes under the moment. `*before_ms` becomes it; 0: there is no sound now. */
static bool sound_keep(struct prompts_kept *kept, const char *path, int64_t now_ms, int64_t *before_ms,
                       struct error *error)
{
    char name[40];
    snprintf(name, sizeof name, "%lld.wav", (long long)now_ms);
    *before_ms = 0;
    if (linkat(kept->folder, path, kept->changes, name, 0) == 0)
        *before_ms = now_ms;
    else if (errno != ENOENT)
        return error_set(error, ERROR_SYSTEM, "prompts: %s: %s", path, g_strerror(errno));
    return true;
}

bool prompts_kept_put(struct prompts_kept *kept, const struct prompt_change *change, const uint8_t *file, size_t length,
                      struct error *error)
{
    char *sound = sound_of(change->name, change->language), path[PATH_SIZE];
    struct prompt_change now = *change;
    int64_t before_ms = 0;
    if (!sound)
        return error_set(error, ERROR_INPUT, "The name of a prompt has letters, digits, _ and -; a language as fr-CA.");
    snprintf(path, sizeof path, "%s.wav", sound);
    const struct sound_change *last = sound_change(kept, sound);
    if (last && now.now_ms <= last->at_ms) now.now_ms = last->at_ms + 1;
    bool good = wave_good(file, length, error) && is_as_it_was_seen(kept, sound, change->seen_ms, error);
    if (good && *change->language && mkdirat(kept->folder, change->language, 0755) != 0 && errno != EEXIST)
        good = error_set(error, ERROR_SYSTEM, "prompts: %s: %s", change->language, g_strerror(errno));
    /* What a change with an end has replaced comes back when this one is taken back. */
    if (good && last && last->until_ms != 0)
        before_ms = last->before_ms;
    else if (good)
        good = sound_keep(kept, path, now.now_ms, &before_ms, error);
    good = good && act_note(kept, sound_act(&now, sound, "set", before_ms), error) &&
           file_put(kept->folder, path, file, length, error);
    g_free(sound);
    return good;
}

/* Puts back what the change has replaced. */
static bool sound_back(struct prompts_kept *kept, const struct sound_change *last, const struct prompt_change *by,
                       const char *what, struct error *error)
{
    char name[40], path[PATH_SIZE];
    const int64_t before_ms = last->before_ms;
    snprintf(name, sizeof name, "%lld.wav", (long long)before_ms);
    snprintf(path, sizeof path, "%s.wav", last->sound);
    char *sound = g_strdup(last->sound); /* the change is gone when it is noted */
    bool good = act_note(kept, sound_act(by, sound, what, 0), error);
    if (good && before_ms != 0)
        good = renameat(kept->changes, name, kept->folder, path) == 0;
    else if (good)
        good = unlinkat(kept->folder, path, 0) == 0 || errno == ENOENT;
    if (!good && error->code == ERROR_NONE) error_set(error, ERROR_SYSTEM, "prompts: %s: %s", path, g_strerror(errno));
    /* The sip plugin knows by its time whether a file has changed. */
    if (good && before_ms != 0) (void)utimensat(kept->folder, path, NULL, 0);
    g_free(sound);
    return good;
}

bool prompts_kept_undo(struct prompts_kept *kept, const struct prompt_change *change, struct error *error)
{
    char *sound = sound_of(change->name, change->language);
    const struct sound_change *last = sound ? sound_change(kept, sound) : NULL;
    bool good =
        last ? is_as_it_was_seen(kept, sound, change->seen_ms, error) && sound_back(kept, last, change, "undo", error)
             : error_set(error, ERROR_STATE, "Nothing of this prompt is changed.");
    g_free(sound);
    return good;
}

unsigned prompts_kept_over(struct prompts_kept *kept, int64_t now_ms, struct error *error)
{
    const struct prompt_change by = {.by = "", .why = "its time is over", .now_ms = now_ms};
    unsigned count = 0;
    for (guint i = 0; i < kept->open->len;) {
        const struct sound_change *change = g_ptr_array_index(kept->open, i);
        if (change->until_ms == 0 || change->until_ms > now_ms)
            i++;
        else if (sound_back(kept, change, &by, "over", error))
            count++;
        else
            break;
    }
    return count;
}

/* ---- looking ---- */

int prompts_kept_open(const char *folder, const char *name, const char *language)
{
    char *sound = sound_of(name, language), *path = sound ? g_strconcat(folder, "/", sound, ".wav", NULL) : NULL;
    struct stat info;
    int file = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    if (file >= 0 && (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))) {
        close(file);
        file = -1;
    }
    g_free(path);
    g_free(sound);
    return file;
}

static json_t *sound_acts(const struct prompts_kept *kept, const char *sound)
{
    json_t *shown = json_array(), *act;
    size_t i;
    json_array_foreach(kept->acts, i, act)
    {
        const char *of = json_string_value(json_object_get(act, "sound"));
        if (!of || strcmp(of, sound) != 0) continue;
        if (json_array_size(shown) == PROMPT_ACTS_SHOWN) json_array_remove(shown, 0);
        json_array_append(shown, act);
    }
    return shown;
}

static void list_folder(const struct prompts_kept *kept, int folder, const char *language, json_t *list)
{
    int again = folder >= 0 ? dup(folder) : -1;
    DIR *listed = again >= 0 ? fdopendir(again) : NULL;
    if (listed) rewinddir(listed);
    for (struct dirent *entry; listed && json_array_size(list) < SOUNDS_MAX && (entry = readdir(listed));) {
        struct stat info;
        const size_t length = strlen(entry->d_name);
        if (fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || entry->d_name[0] == '.') continue;
        if (S_ISDIR(info.st_mode) && !*language && word_good(entry->d_name, 24, false)) {
            int below = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
            list_folder(kept, below, entry->d_name, list);
            if (below >= 0) close(below);
        }
        if (!S_ISREG(info.st_mode) || length < 5 || strcmp(entry->d_name + length - 4, ".wav") != 0) continue;
        char *name = g_strndup(entry->d_name, length - 4), *sound = sound_of(name, language);
        const struct sound_change *last = sound ? sound_change(kept, sound) : NULL;
        json_t *row =
            sound ? json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "name", name, "language", language, "bytes",
                              (json_int_t)info.st_size, "at_ms", (json_int_t)info.st_mtim.tv_sec * 1000, "changed_ms",
                              last ? (json_int_t)last->at_ms : (json_int_t)0, "until_ms",
                              last ? (json_int_t)last->until_ms : (json_int_t)0, "changes", sound_acts(kept, sound))
                  : NULL;
        if (row) json_array_append_new(list, row);
        g_free(sound);
        g_free(name);
    }
    if (listed)
        closedir(listed);
    else if (again >= 0)
        close(again);
}

json_t *prompts_kept_list(const struct prompts_kept *kept)
{
    json_t *list = json_array();
    list_folder(kept, kept->folder, "", list);
    return list;
}
