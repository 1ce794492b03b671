/* runtime/ctl/ctl.c - gcxctl: sends a request to a running gcxvm over its admin socket, and shows the answer for
 * people or for tools. The file commands.def has the commands and their arguments.
 *
 * A command is done in three steps: its words are joined to a name of the table and their values put into a request,
 * as the rows of the command say (words_take, ctl_arguments_take, options_take); the request is sent as one line of
 * JSON (ask.c); the answer is shown by the function or the columns of that command (show.c). Options may be
 * anywhere, and are read before the command is known: their values are kept, and checked once it is known. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"
#include "runtime/profile/profiled.h"
#include "base/near.h"
#include "base/shown.h"

enum { OPTIONS_MAX = 128, OWN_FIRST = 256, ROWS_FIRST = 512, TIMEOUT_S = 10, LIST_ROWS = 1000, JOINED_MAX = 64 };
/* The command line while it is read: options may come before or after the command. */
struct line_reading {
    struct ctl *ctl;
    struct ctl_line line;
    struct option options[OPTIONS_MAX];
    const struct command_argument *rows[OPTIONS_MAX]; /* by value less ROWS_FIRST */
    /* by the same index as `rows`: the value as given; NULL: the option is not given */
    const char *values[OPTIONS_MAX];
    json_t *lists[OPTIONS_MAX]; /* the values of an option that may be given again and again; owned */
    char names[OPTIONS_MAX][COMMAND_OPTION];
    size_t row_count;
    const char *why, *person;
    bool help;
};

static int ctl_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes what is wrong with the command line, and returns the exit code for that. */
static int ctl_usage(const char *format, ...)
{
    va_list arguments;
    fputs("gcxctl: ", stderr);
    va_start(arguments, format);
    shown_vprint(stderr, format, arguments);
    va_end(arguments);
    fputs("; try gcxctl --help\n", stderr);
    return CTL_usage;
}

/* Collects each --member of all commands once: whether it belongs to this command is checked once the command is
 * known. */
static void ctl_options_fill(struct line_reading *reading)
{
    const struct command_argument *row;
    size_t count = 0;
    for (; count < OWN_COUNT; count++) {
        const struct own_option *own = &own_options[count];
        reading->options[count] =
            (struct option){own->name, own->word[0] ? required_argument : no_argument, NULL, (int)(OWN_FIRST + count)};
    }
    for (unsigned id = 0; id < COMMANDS; id++) {
        for (size_t i = 0; (row = command_argument((enum command_id)id, i)); i++) {
            bool known = row->need != NEED_OPTION;
            for (size_t k = 0; k < reading->row_count && !known; k++)
                known = strcmp(reading->rows[k]->member, row->member) == 0;
            if (known || count == OPTIONS_MAX - 1) continue;
            char *name = reading->names[reading->row_count];
            command_option(row, name);
            reading->options[count++] =
                (struct option){name, row->type == ARGUMENT_FLAG ? no_argument : required_argument, NULL,
                                (int)(ROWS_FIRST + reading->row_count)};
            reading->rows[reading->row_count++] = row;
        }
    }
    assert(count < OPTIONS_MAX && reading->row_count < OPTIONS_MAX);
    reading->options[count] = (struct option){0};
}

/* Reads a whole number, not larger than requests may have. */
static bool ctl_number_read(const char *text, unsigned long *number)
{
    char *end;
    errno = 0;
    *number = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number <= COMMAND_NUMBER_MAX;
}

/* Takes one of gcxctl's own options, which any command may have. */
static int own_take(struct line_reading *reading, int letter)
{
    unsigned long number = 0;
    char *end;
    switch ((unsigned)letter - OWN_FIRST) {
    case OWN_socket:
        reading->ctl->path = optarg;
        break;
    case OWN_json:
        reading->line.json = true;
        break;
    case OWN_why:
        reading->why = optarg;
        break;
    case OWN_as:
        reading->person = optarg;
        break;
    case OWN_help:
        reading->help = true;
        break;
    case OWN_watch:
        reading->line.watch_s = strtod(optarg, &end);
        if (*end != '\0' || !(reading->line.watch_s >= 0.1 && reading->line.watch_s <= 86400))
            return ctl_usage("--watch takes seconds, 0.1 or more, not `%s`", optarg);
        break;
    case OWN_timeout:
        if (!ctl_number_read(optarg, &number) || number == 0 || number > 86400)
            return ctl_usage("--timeout takes seconds, 1 or more, not `%s`", optarg);
        reading->ctl->timeout_s = (unsigned)number;
        reading->ctl->strict = true;
        break;
    default:
        break;
    }
    return CTL_good;
}

/* Reports a word that begins with a sign and a digit, such as `-3`. If the word has more than the digit, getopt's
 * index is at the word, otherwise after it. */
static int signed_told(int argc, char **argv, int digit)
{
    int at = optind < argc && argv[optind][0] == '-' && argv[optind][1] == digit ? optind : optind - 1;
    if (at > 1 && strcmp(argv[at - 1], "for") == 0)
        return ctl_usage("`for %s`: how long a change is in force is written as `for 2h`", argv[at]);
    return ctl_usage("`%s` begins no option; what begins with `-` and is none stands behind `--`", argv[at]);
}

/* Reads the options before and after the command. Values of a command's options are kept until the command is known. */
static int options_read(struct line_reading *reading, int argc, char **argv)
{
    int letter, result;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":hn:", reading->options, NULL)) != -1) {
        if (letter == '?' && optopt >= '0' && optopt <= '9') return signed_told(argc, argv, optopt);
        if (letter == '?') return ctl_usage("unknown option `%s`", argv[optind - 1]);
        if (letter == ':') return ctl_usage("option `%s` lacks its value", argv[optind - 1]);
        if (letter == 'h') reading->help = true;
        for (size_t i = 0; i < reading->row_count; i++) {
            if (letter != (int)(ROWS_FIRST + i) && (letter != 'n' || strcmp(reading->rows[i]->member, "rounds") != 0))
                continue;
            reading->values[i] = optarg ? optarg : "";
            if (!reading->lists[i]) reading->lists[i] = json_array();
            json_t *value = json_string(reading->values[i]);
            if (!value) return ctl_usage("the value of `--%s` is not UTF-8", reading->names[i]);
            json_array_append_new(reading->lists[i], value);
        }
        result = letter >= OWN_FIRST && letter < ROWS_FIRST ? own_take(reading, letter) : CTL_good;
        if (result != CTL_good) return result;
    }
    return CTL_good;
}

/* The row of that option of the command; NULL: the command has no such option. */
static const struct command_argument *option_of(enum command_id id, const char *member)
{
    assert(id < COMMANDS && member);
    const struct command_argument *row;
    for (size_t i = 0; (row = command_argument(id, i)); i++)
        if (row->need == NEED_OPTION && strcmp(row->member, member) == 0) return row;
    return NULL;
}

/* True: an image is meant by its file, and not by its hash or by a strategy. */
static bool is_image_file(const char *value)
{
    static const char ending[] = ".gcxb";
    size_t length = strlen(value);
    return length >= sizeof ending && strcmp(value + length - (sizeof ending - 1), ending) == 0;
}

/* Puts a value into the request, in the form that its argument's row in commands.def wants. */
static int ctl_value_put(json_t *request, const struct command_argument *row, const char *value)
{
    assert(json_is_object(request) && row && value);
    unsigned long number;
    const char *member = row->member;
    char *path = NULL;
    json_t *made = NULL;
    switch (row->type) {
    case ARGUMENT_FLAG:
        made = json_true();
        break;
    case ARGUMENT_NUMBER:
        if (!ctl_number_read(value, &number)) return ctl_usage("`%s` is no number", value);
        made = json_integer((json_int_t)number);
        break;
    case ARGUMENT_IXN:
        member = strchr(value, '-') ? "ixn" : "conn";
        break;
    case ARGUMENT_IMAGE:
        if (!is_image_file(value)) break;
        /* fallthrough */
    case ARGUMENT_FILE:
        path = realpath(value, NULL);
        if (!path) {
            shown_print(stderr, "gcxctl: %s: %s\n", value, strerror(errno));
            return CTL_refused;
        }
        value = path;
        break;
    default:
        break;
    }
    if (!made) made = json_string(value);
    free(path);
    if (!made) return ctl_usage("`%s` is not UTF-8", member);
    if (row->need != NEED_SOME && row->need != NEED_ANY) return json_object_set_new(request, member, made), CTL_good;
    if (!json_object_get(request, member)) json_object_set_new(request, member, json_array());
    json_array_append_new(json_object_get(request, member), made);
    return CTL_good;
}

/* Takes an option that is not sent to gcxvm: it changes how the answer is shown. */
static int kept_take(struct ctl_line *line, const struct command_argument *row, const char *value)
{
    unsigned long number = 0;
    if (row->type == ARGUMENT_NUMBER && !ctl_number_read(value, &number)) return ctl_usage("`%s` is no number", value);
    if (strcmp(row->member, "follow") == 0) line->follow = true;
    if (strcmp(row->member, "check") == 0) line->check = true;
    if (strcmp(row->member, "export_test") == 0) line->export_test = true;
    if (strcmp(row->member, "all") == 0) line->all = true;
    if (strcmp(row->member, "batch") == 0) line->batch = true;
    if (strcmp(row->member, "folded") == 0) line->folded = true;
    if (strcmp(row->member, "lcov") == 0) line->lcov = true;
    if (strcmp(row->member, "lines") == 0) line->lines = number;
    if (strcmp(row->member, "by") == 0 && !profile_counted(value, &line->by))
        return ctl_usage("a profile has no count `%s`", value);
    if (strcmp(row->member, "rounds") == 0) line->rounds = number;
    if (strcmp(row->member, "delay") == 0) line->delay_s = number;
    if (strcmp(row->member, "for") == 0) line->duration = value;
    if (strcmp(row->member, "journal") == 0) line->journal = value;
    return CTL_good;
}

/* True: gcxvm gets the request, so it can bound the request by whom a person leads. gcxctl itself, a program that
 * gcxctl becomes, or a reader of the journal does what the others ask. */
static bool asks_gcxvm(const struct ctl_line *line)
{
    return command_at(line->command)->kind != COMMAND_LOCAL && line->command != COMMAND_what_if &&
           line->command != COMMAND_shadow && !line->journal && !line->export_test;
}

/* Takes the options of the command, once the command is known. */
static int options_take(struct line_reading *reading)
{
    struct ctl_line *line = &reading->line;
    for (size_t i = 0; i < reading->row_count; i++) {
        const char *member = reading->rows[i]->member, *value = reading->values[i];
        const struct command_argument *row = option_of(line->command, member);
        int result = CTL_good;
        if (!value) continue;
        if (!row) {
            shown_print(stderr, "gcxctl: %s does not take --%s; try gcxctl %s --help\n",
                        command_at(line->command)->name, reading->names[i], command_at(line->command)->name);
            return CTL_usage;
        }
        if (strcmp(member, "limit") == 0) {
            if (!ctl_number_read(value, &line->limit)) return ctl_usage("`%s` is no number", value);
            continue;
        }
        if (row->type == ARGUMENT_FORMAT && strcmp(value, "json") == 0) {
            line->json = true;
            continue;
        }
        if (row->type == ARGUMENT_TEXTS) {
            json_object_set(line->request, member, reading->lists[i]);
            continue;
        }
        result = row->sent ? ctl_value_put(line->request, row, value) : kept_take(line, row, value);
        if (result != CTL_good) return result;
    }
    if (line->watch_s > 0 && command_at(line->command)->kind == COMMAND_ACT)
        return ctl_usage("%s changes something: once is enough", command_at(line->command)->name);
    const char *given[] = {reading->why, reading->person};
    for (unsigned at = 0; at < 2; at++) {
        if (!given[at]) continue;
        if (at == 0 && command_at(line->command)->kind != COMMAND_ACT)
            return ctl_usage("%s changes nothing: --why is for what does", command_at(line->command)->name);
        if (at == 1 && !asks_gcxvm(line))
            return ctl_usage("%s is not asked of gcxvm here: --as is for what is", command_at(line->command)->name);
        if (json_object_set_new(line->request, at == 0 ? "why" : "person", json_string(given[at])) != 0)
            return ctl_usage("the text of --%s is not UTF-8", at == 0 ? "why" : "as");
    }
    return CTL_good;
}

/* Takes the words after the command, in the order of its rows; the last row may take several words. */
static int ctl_arguments_take(struct line_reading *reading, int count, char **words)
{
    const struct command_argument *row = NULL;
    enum command_id id = reading->line.command;
    size_t at = 0;
    int result = CTL_good;
    for (int i = 0; i < count && result == CTL_good; i++) {
        row = command_argument(id, at);
        if (!row || row->need == NEED_OPTION) return ctl_usage("`%s` is too much", words[i]);
        result = ctl_value_put(reading->line.request, row, words[i]);
        if (row->need == NEED_ONE || row->need == NEED_MAYBE || i == count - 1) at++;
    }
    row = command_argument(id, at);
    if (result == CTL_good && row && (row->need == NEED_ONE || row->need == NEED_SOME)) {
        shown_print(stderr, "gcxctl: %s needs %s; try gcxctl %s --help\n", command_at(id)->name, row->word,
                    command_at(id)->name);
        return CTL_usage;
    }
    return result;
}

/* Reports an unknown command, and suggests the one that differs in the fewest letters. */
static int command_unknown(const char *word)
{
    enum command_id nearest = COMMANDS;
    uint32_t least = UINT32_MAX;
    for (unsigned id = 0; id < COMMANDS; id++)
        if (near_is_nearer(word, command_at((enum command_id)id)->name, &least)) nearest = (enum command_id)id;
    if (nearest == COMMANDS) return ctl_usage("no such command: %s", word);
    shown_print(stderr, "gcxctl: no such command: %s; did you mean %s?\n", word, command_at(nearest)->name);
    return CTL_usage;
}

/* The exit code of a comparison, like that of diff(1): 0 for no difference, 1 for differences, 2 for trouble. */
static enum ctl_exit ctl_differs(const json_t *answer, enum ctl_exit result)
{
    if (!answer) return result == CTL_refused ? CTL_usage : result;
    return ctl_number_at(answer, "added") + ctl_number_at(answer, "removed") + ctl_number_at(answer, "changed") > 0
               ? CTL_refused
               : CTL_good;
}

static json_t *answer_of(struct ctl *ctl, const struct ctl_line *line, enum ctl_exit *result)
{
    if (line->journal) return ctl_past(line->journal, line->request, result);
    if (line->command == COMMAND_profile) return ctl_profile(ctl, line->request, result);
    const char *list = show_list(line->command);
    json_t *request = json_deep_copy(line->request);
    if (!request) abort();
    return list && option_of(line->command, "limit") ? ctl_ask_all(ctl, request, list, line->limit, result)
                                                     : ctl_ask(ctl, request, result);
}

/* Sends the request once, and shows the answer. */
static enum ctl_exit ctl_once(struct ctl *ctl, const struct ctl_line *line)
{
    enum ctl_exit result = CTL_good;
    json_t *answer = answer_of(ctl, line, &result);
    if (line->command == COMMAND_directory_diff) result = ctl_differs(answer, result);
    if (!answer) return result;
    if (result == CTL_good) result = ctl_await_list(ctl, line);
    if (result != CTL_good && line->command == COMMAND_campaign && !line->json) {
        json_decref(answer);
        return result;
    }
    if (line->json)
        show_json(answer, JSON_INDENT(2));
    else if (line->command == COMMAND_profile)
        ctl_show_profile(line, answer);
    else
        ctl_show(line->command, answer);
    json_decref(answer);
    return fflush(stdout) == 0 ? result : CTL_refused;
}

/* Sends the request again and again, until it fails or is interrupted. */
static enum ctl_exit ctl_watched(struct ctl *ctl, const struct ctl_line *line)
{
    struct timespec pause = {(time_t)line->watch_s, (long)((line->watch_s - (double)(time_t)line->watch_s) * 1e9)};
    enum ctl_exit result;
    bool screen = isatty(STDOUT_FILENO) != 0 && !line->json;
    do {
        if (screen) fputs("\033[H\033[2J", stdout);
        result = ctl_once(ctl, line);
        if (!screen && !line->json) putchar('\n');
        if (fflush(stdout) != 0) result = CTL_refused;
    } while (result == CTL_good && nanosleep(&pause, NULL) == 0);
    return result;
}

/* Runs a command; those that run for longer have their own files. */
static enum ctl_exit ctl_run(struct ctl *ctl, const struct ctl_line *line)
{
    if (line->command == COMMAND_top && line->json)
        return (enum ctl_exit)ctl_usage("top is for people; for tools: gcxctl status --json --watch 1");
    if (line->command == COMMAND_top) return ctl_top(ctl, line);
    if (line->command == COMMAND_erase) return ctl_erase(line);
    if (line->command == COMMAND_restore) return ctl_restore(line);
    if (line->command == COMMAND_what_if) return ctl_what_if(ctl, line);
    if (line->command == COMMAND_soon) return ctl_soon(ctl, line);
    if (line->command == COMMAND_shadow) return ctl_shadow(ctl, line);
    if (line->command == COMMAND_directory_export) return ctl_export(ctl, line);
    if (line->command == COMMAND_upgrade && !line->check)
        return (enum ctl_exit)ctl_usage("an upgrade is a start of the new gcxvm: ask before it with %s",
                                        "upgrade --check");
    if (line->command == COMMAND_upgrade) return ctl_upgrade(line);
    if (line->export_test) return ctl_rollout_test(ctl, line);
    if (line->follow) return ctl_follow(ctl, line);
    return line->watch_s > 0 ? ctl_watched(ctl, line) : ctl_once(ctl, line);
}

/* Takes `for DURATION`, `until MOMENT` and `reason TEXT` after a change by hand; they may be given as options, too. */
static int clauses_take(struct line_reading *reading, int count, char **words)
{
    enum command_id id = reading->line.command;
    const struct command_argument *row, *first = command_argument(id, 0);
    bool by_hand = command_at(id)->kind == COMMAND_ACT && first && first->type == ARGUMENT_SETTING;
    int least = by_hand ? 4 : 3; /* the command, perhaps a word, and the two words of the clause */
    by_hand = by_hand || id == COMMAND_directory_import;
    while (by_hand && count >= least) {
        const char *clause = words[count - 2], *value = words[count - 1];
        if (strcmp(clause, "reason") == 0)
            reading->why = value;
        else if ((strcmp(clause, "for") == 0 || strcmp(clause, "until") == 0) && (row = option_of(id, clause)))
            json_object_set_new(reading->line.request, row->member, json_string(value));
        else
            break;
        count -= 2;
    }
    return count;
}

/* Makes `why ID AGENT` of `why ID not AGENT`. */
static int not_take(enum command_id id, int count, char **words)
{
    if (id != COMMAND_why || count != 4 || strcmp(words[2], "not") != 0) return count;
    words[2] = words[3];
    return count - 1;
}

/* Makes the command `campaigns` of `campaign`, `campaign NAME` and `campaign NAME record RECORD`, which only look;
 * the word `record` is removed. Returns how many words are left. */
static int look_take(int count, char **words)
{
    static char campaigns[] = "campaigns";
    bool record = count == 4 && strcmp(words[2], "record") == 0;
    if (strcmp(words[0], "campaign") != 0 || (count > 2 && !record)) return count;
    words[0] = campaigns;
    if (record) words[2] = words[3];
    return record ? 3 : count;
}

/* Joins a command of two words by a hyphen, as it is in the table: `directory diff` becomes directory-diff. Returns
 * how many words are left. */
static int words_join(int count, char **words, char joined[JOINED_MAX])
{
    if (count < 2 || snprintf(joined, JOINED_MAX, "%s-%s", words[0], words[1]) >= JOINED_MAX ||
        command_id_named(joined) == COMMANDS)
        return count;
    words[0] = joined;
    memmove(words + 1, words + 2, (size_t)(count - 2) * sizeof *words);
    return count - 1;
}

/* Takes the command and its words, and runs it. */
static int words_take(struct line_reading *reading, int count, char **words)
{
    static char journal[] = "journal-list"; /* the command that `journal` without a second word means */
    struct ctl_line *line = &reading->line;
    char joined[JOINED_MAX];
    int result;
    if (count == 0 && reading->help) {
        ctl_help();
        return CTL_good;
    }
    if (count == 0) return ctl_usage("expected a command");
    if (strcmp(words[0], "help") == 0) { /* as many try */
        reading->help = true;
        return words_take(reading, count - 1, words + 1);
    }
    count = words_join(count, words, joined);
    if (count == 1 && strcmp(words[0], "journal") == 0) words[0] = journal;
    line->command = command_id_named(words[0]);
    if (line->command == COMMANDS) return command_unknown(words[0]);
    if (reading->help) {
        ctl_help_of(line->command);
        return CTL_good;
    }
    count = look_take(count, words);
    line->command = command_id_named(words[0]);
    line->request = json_pack("{s:i,s:s}", "id", 1, "command", words[0]);
    reading->ctl->patient = line->command == COMMAND_handover || line->command == COMMAND_reload ||
                            line->command == COMMAND_load || line->command == COMMAND_directory_import ||
                            line->command == COMMAND_directory_diff || line->command == COMMAND_snapshot ||
                            line->command == COMMAND_journal_prune || line->command == COMMAND_journal_verify ||
                            line->command == COMMAND_journal_export || line->command == COMMAND_backup ||
                            line->command == COMMAND_reconcile;
    line->limit = LIST_ROWS;
    line->delay_s = 1;
    line->by = PROFILE_instructions;
    if (!line->request) abort();
    count = clauses_take(reading, count, words);
    count = not_take(line->command, count, words);
    result = ctl_arguments_take(reading, count - 1, words + 1);
    if (result == CTL_good) result = options_take(reading);
    if (result == CTL_good) result = (int)ctl_run(reading->ctl, line);
    json_decref(line->request);
    return result;
}

/* Reads the command line and runs the command. Output that cannot be written is a failure, even if the command
 * itself succeeded. */
int main(int argc, char **argv)
{
    const char *path = getenv("GCX_ADMIN");
    struct ctl ctl = {.path = path && *path != '\0' ? path : ADMIN_SOCKET, .timeout_s = TIMEOUT_S};
    struct line_reading reading = {.ctl = &ctl};
    int result;
    /* --complete comes from a shell: the words after it are completed and not run. */
    if (argc > 1 && strcmp(argv[1], "--complete") == 0) {
        ctl_complete(&ctl, argc - 2, argv + 2);
        ctl_close(&ctl);
        return CTL_good;
    }
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("gcxctl " PACKAGE_VERSION);
        return CTL_good;
    }
    ctl_options_fill(&reading);
    result = options_read(&reading, argc, argv);
    if (result == CTL_good) result = words_take(&reading, argc - optind, argv + optind);
    for (size_t i = 0; i < reading.row_count; i++) json_decref(reading.lists[i]);
    ctl_close(&ctl);
    return fflush(stdout) == 0 ? result : CTL_refused;
}
