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

enum {
    HEAD = 12,
    CHUNK = 8,
    RATE = 8000,
    PROMPT_ACTS_SHOWN = 10,
    PATH_SIZE = 160,
    CHANGE_NAME = 40,
    SOUNDS_MAX = 5000
};
static const char name_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

struct sound_change { /* one that is not taken back */
    char *sound;      /* "fr/welcome", "welcome" */
    int64_t at_ms, until_ms;
    int64_t before_ms; /* name of the file in .changes; 0: there was no sound before */
};

struct prompts_kept {
    int folder, changes, log; /* descriptors */
    GPtrArray *open;          /* struct sound_change, in the order of time */
    json_t *acts;             /* the last acts of each sound, by its name */
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

static void act_remember(struct prompts_kept *kept, json_t *act)
{
    const char *sound = json_string_value(json_object_get(act, "sound"));
    json_t *acts = sound ? json_object_get(kept->acts, sound) : NULL;
    if (!sound) return;
    if (!acts) json_object_set_new(kept->acts, sound, acts = json_array());
    if (json_array_size(acts) == PROMPT_ACTS_SHOWN) json_array_remove(acts, 0);
    json_array_append(acts, act);
    act_apply(kept, act);
}

static bool kept_error(struct error *error, const char *what)
{
    return error_set(error, ERROR_SYSTEM, "prompts: %.200s: %s", what, g_strerror(errno));
}

/* Appends a line. What was written of one that fails is removed again, so that the next line is whole. */
static bool log_write(struct prompts_kept *kept, const json_t *act, struct error *error)
{
    struct stat before;
    char *line = json_dumps(act, JSON_COMPACT), *whole = g_strconcat(line ? line : "", "\n", NULL);
    const size_t length = strlen(whole);
    bool good = line && fstat(kept->log, &before) == 0;
    if (good && (write(kept->log, whole, length) != (ssize_t)length || fsync(kept->log) != 0)) {
        good = kept_error(error, "the log of changes");
        (void)!ftruncate(kept->log, before.st_size);
    } else if (!good)
        (void)kept_error(error, "the log of changes");
    g_free(whole);
    free(line);
    return good;
}

/* Writes the act into the log, and remembers it. */
static bool act_note(struct prompts_kept *kept, json_t *act, struct error *error)
{
    bool good = act && log_write(kept, act, error);
    if (good) act_remember(kept, act);
    json_decref(act);
    return good;
}

/* Reads all lines. A last line that was cut is removed: nobody was told that its act is done. */
static bool log_read(struct prompts_kept *kept)
{
    int again = dup(kept->log);
    FILE *in = again >= 0 ? fdopen(again, "r") : NULL;
    char *line = NULL;
    size_t size = 0;
    off_t whole = 0;
    bool good = in;
    for (ssize_t length; in && (length = getline(&line, &size, in)) > 0;) {
        if (line[length - 1] != '\n') {
            good = ftruncate(kept->log, whole) == 0;
            break;
        }
        whole += length;
        json_t *act = json_loads(line, 0, NULL);
        if (json_is_object(act)) act_remember(kept, act);
        json_decref(act);
    }
    free(line);
    if (in)
        fclose(in);
    else if (again >= 0)
        close(again);
    return good;
}

/* ---- files ---- */

static void before_name(char name[CHANGE_NAME], int64_t ms)
{
    snprintf(name, CHANGE_NAME, "%lld.wav", (long long)ms);
}

static void next_name(char name[CHANGE_NAME], int64_t ms)
{
    snprintf(name, CHANGE_NAME, "%lld.new", (long long)ms);
}

static bool sound_there(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The first moment from `now_ms` of which .changes has no file. */
static int64_t moment_free(const struct prompts_kept *kept, int64_t now_ms)
{
    char before[CHANGE_NAME], next[CHANGE_NAME];
    for (;; now_ms++) {
        before_name(before, now_ms), next_name(next, now_ms);
        if (!sound_there(kept->changes, before) && !sound_there(kept->changes, next)) return now_ms;
    }
}

/* Makes durable which file has the name. */
static bool name_sync(const struct prompts_kept *kept, const char *path)
{
    char *below = g_path_get_dirname(path);
    int folder = openat(kept->folder, below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0) close(folder);
    g_free(below);
    return good;
}

/* Moves a file of .changes to where callers hear it, in one step. The sip plugin knows by its time whether a file has
 * changed. */
static bool file_move(const struct prompts_kept *kept, const char *name, const char *path)
{
    if (utimensat(kept->changes, name, NULL, AT_SYMLINK_NOFOLLOW) != 0 ||
        renameat(kept->changes, name, kept->folder, path) != 0)
        return false;
    (void)unlinkat(kept->changes, name, 0); /* rename() leaves it where both names are of one file already */
    return true;
}

static void sound_path(char path[PATH_SIZE], const char *sound)
{
    snprintf(path, PATH_SIZE, "%s.wav", sound);
}

/* Writes the bytes as the file of the moment in .changes. */
static bool file_put(const struct prompts_kept *kept, int64_t now_ms, const uint8_t *bytes, size_t length)
{
    char name[CHANGE_NAME];
    next_name(name, now_ms);
    int file = openat(kept->changes, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    bool good = file >= 0;
    for (size_t at = 0; good && at < length;) {
        ssize_t wrote = write(file, bytes + at, length - at);
        good = wrote > 0;
        at += good ? (size_t)wrote : 0;
    }
    good = good && fsync(file) == 0;
    if (file >= 0) close(file);
    return good;
}

/* ---- what a stop has cut ---- */

static json_t *sound_act(const struct prompt_change *change, const char *sound, const char *what, int64_t before_ms)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "sound", sound, "what", what, "by", change->by, "why",
                     change->why, "at_ms", (json_int_t)change->now_ms, "until_ms", (json_int_t)change->until_ms,
                     "before_ms", (json_int_t)before_ms);
}

/* True: what the sound's last change has replaced is back, and the log does not have it. */
static bool sound_undone(const struct prompts_kept *kept, const struct sound_change *last)
{
    char before[CHANGE_NAME], path[PATH_SIZE];
    before_name(before, last->before_ms), sound_path(path, last->sound);
    return last->before_ms != 0 ? !sound_there(kept->changes, before) : !sound_there(kept->folder, path);
}

/* Finishes the sound's last change, as far as a stop has cut it. */
static bool change_finish(struct prompts_kept *kept, const struct sound_change *last, struct error *error)
{
    const struct prompt_change by = {.by = "", .why = "it was taken back before a stop", .now_ms = last->at_ms};
    char next[CHANGE_NAME], path[PATH_SIZE];
    next_name(next, last->at_ms), sound_path(path, last->sound);
    if (sound_there(kept->changes, next))
        return (file_move(kept, next, path) && name_sync(kept, path)) || kept_error(error, path);
    if (!sound_undone(kept, last)) return true;
    char *sound = g_strdup(last->sound); /* the change is gone when it is noted */
    bool good = act_note(kept, sound_act(&by, sound, "undo", 0), error);
    g_free(sound);
    return good;
}

static bool changes_finish(struct prompts_kept *kept, struct error *error)
{
    for (guint i = kept->open->len; i > 0; i--) {
        const struct sound_change *change = g_ptr_array_index(kept->open, i - 1);
        if (sound_change(kept, change->sound) == change && !change_finish(kept, change, error)) return false;
    }
    return true;
}

struct prompts_kept *prompts_kept_new(const char *folder, struct error *error)
{
    struct prompts_kept *kept = g_new0(struct prompts_kept, 1);
    kept->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    kept->changes = kept->log = -1;
    kept->open = g_ptr_array_new_with_free_func(sound_change_free);
    kept->acts = json_object();
    if (kept->folder >= 0 && (mkdirat(kept->folder, ".changes", 0750) == 0 || errno == EEXIST))
        kept->changes = openat(kept->folder, ".changes", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (kept->changes >= 0)
        kept->log = openat(kept->changes, "log.jsonl", O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (kept->log < 0 || fsync(kept->changes) != 0 || fsync(kept->folder) != 0 || !log_read(kept))
        (void)kept_error(error, folder);
    else if (changes_finish(kept, error))
        return kept;
    prompts_kept_free(kept);
    return NULL;
}

void prompts_kept_free(struct prompts_kept *kept)
{
    if (!kept) return;
    if (kept->folder >= 0) close(kept->folder);
    if (kept->changes >= 0) close(kept->changes);
    if (kept->log >= 0) close(kept->log);
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

static bool is_as_it_was_seen(const struct prompts_kept *kept, const char *sound, int64_t seen_ms, struct error *error)
{
    const struct sound_change *last = sound_change(kept, sound);
    if (seen_ms < 0 || seen_ms == (last ? last->at_ms : 0)) return true;
    return error_set(error, ERROR_STATE, "%s was changed meanwhile. Look again.", sound);
}

/* Keeps the present sound in .changes under the moment. `*before_ms` becomes it; 0: there is no sound now. */
static bool sound_keep(const struct prompts_kept *kept, const char *path, int64_t now_ms, int64_t *before_ms)
{
    char name[CHANGE_NAME];
    before_name(name, now_ms);
    *before_ms = linkat(kept->folder, path, kept->changes, name, 0) == 0 ? now_ms : 0;
    return *before_ms != 0 || errno == ENOENT;
}

/* Puts back what the change has replaced, and notes it then: what is back already is only noted. */
static bool sound_back(struct prompts_kept *kept, const struct sound_change *last, const struct prompt_change *by,
                       const char *what, struct error *error)
{
    char name[CHANGE_NAME], path[PATH_SIZE];
    before_name(name, last->before_ms), sound_path(path, last->sound);
    bool back = last->before_ms != 0 ? file_move(kept, name, path) : unlinkat(kept->folder, path, 0) == 0;
    if ((!back && errno != ENOENT) || !name_sync(kept, path)) return kept_error(error, path);
    char *sound = g_strdup(last->sound); /* the change is gone when it is noted */
    bool good = act_note(kept, sound_act(by, sound, what, 0), error);
    g_free(sound);
    return good;
}

/* The new file and what it replaces are on the disk before the change is noted, and callers hear it after that. */
static bool sound_put(struct prompts_kept *kept, const struct prompt_change *now, const char *sound,
                      const uint8_t *file, size_t length, struct error *error)
{
    const struct sound_change *last = sound_change(kept, sound);
    /* What a change with an end has replaced comes back when this one is taken back. */
    const struct sound_change old = last ? *last : (struct sound_change){0};
    const bool instead = old.until_ms != 0;
    int64_t before_ms = instead ? old.before_ms : 0;
    char path[PATH_SIZE], next[CHANGE_NAME], before[CHANGE_NAME];
    sound_path(path, sound), next_name(next, now->now_ms), before_name(before, now->now_ms);
    bool good = (file_put(kept, now->now_ms, file, length) &&
                 (instead || sound_keep(kept, path, now->now_ms, &before_ms)) && fsync(kept->changes) == 0) ||
                kept_error(error, path);
    bool noted = good && act_note(kept, sound_act(now, sound, "set", before_ms), error);
    if (noted && file_move(kept, next, path)) return name_sync(kept, path) || kept_error(error, path);
    if (noted) {
        struct prompt_change was = {.by = "", .why = "the one after it has failed", .now_ms = old.at_ms};
        struct error ignored = {0};
        was.until_ms = old.until_ms;
        (void)kept_error(error, path);
        (void)act_note(kept, sound_act(now, sound, "failed", 0), &ignored);
        if (instead) (void)act_note(kept, sound_act(&was, sound, "set", old.before_ms), &ignored);
    }
    (void)unlinkat(kept->changes, next, 0);
    if (!instead) (void)unlinkat(kept->changes, before, 0);
    return false;
}

bool prompts_kept_put(struct prompts_kept *kept, const struct prompt_change *change, const uint8_t *file, size_t length,
                      struct error *error)
{
    char *sound = sound_of(change->name, change->language);
    struct prompt_change now = *change;
    if (!sound)
        return error_set(error, ERROR_INPUT, "The name of a prompt has letters, digits, _ and -; a language as fr-CA.");
    const struct sound_change *last = sound_change(kept, sound);
    bool good = wave_good(file, length, error) && is_as_it_was_seen(kept, sound, change->seen_ms, error) &&
                (!last || change_finish(kept, last, error));
    last = sound_change(kept, sound);
    now.now_ms = moment_free(kept, last && now.now_ms <= last->at_ms ? last->at_ms + 1 : now.now_ms);
    if (good && *change->language && mkdirat(kept->folder, change->language, 0755) != 0 && errno != EEXIST)
        good = kept_error(error, change->language);
    if (good && fsync(kept->folder) != 0) good = kept_error(error, sound);
    good = good && sound_put(kept, &now, sound, file, length, error);
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
            i++; /* the others come back, though */
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
                              last ? (json_int_t)last->until_ms : (json_int_t)0, "changes",
                              json_object_get(kept->acts, sound) ? json_deep_copy(json_object_get(kept->acts, sound))
                                                                 : json_array())
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
