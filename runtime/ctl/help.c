/* runtime/ctl/help.c - Help and completion from the table of commands; names are asked of gcxvm, if it answers.
 *
 * Help and completion both read commands.def and options.def, so neither can lack a command. Completion reads the typed
 * words until they name a command; then the command's rows say what may come next: a word of a list, or a name of an
 * agent, queue or campaign, which gcxvm is asked for (OFFERED_MOST at most). Completion reports no errors, because they
 * would disturb the shell's line; a word that is not offered can still be typed. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"
#include "runtime/daemon/protocol/words.h"

const struct own_option own_options[OWN_COUNT] = {
#define OPTION(id, name, word, where, doc) {name, word, doc, OWN_##where},
#include "runtime/ctl/options.def"
#undef OPTION
};
enum { DOC_COLUMN = 27, OFFERED_MOST = 500 };

/* Writes a command with its arguments, such as "agents [NAME]", for usage lines. */
static void help_synopsis(enum command_id id, char *text, size_t size)
{
    assert(id < COMMANDS);
    const struct command_argument *row;
    size_t at = (size_t)snprintf(text, size, "%s", command_at(id)->name);
    for (size_t i = 0; (row = command_argument(id, i)) && at < size; i++) {
        bool optional = row->need == NEED_MAYBE || row->need == NEED_ANY;
        if (row->need == NEED_OPTION) continue;
        at += (size_t)snprintf(text + at, size - at, " %s%s%s%s", optional ? "[" : "", row->word,
                               row->need == NEED_SOME || row->need == NEED_ANY ? "..." : "", optional ? "]" : "");
    }
}

/* Prints a name and its description in two columns; a long name gets a line of its own. */
static void row_print(const char *name, const char *doc)
{
    if (strlen(name) < DOC_COLUMN - 2)
        printf("  %-*s%s\n", DOC_COLUMN - 2, name, doc);
    else
        printf("  %s\n%*s%s\n", name, DOC_COLUMN, "", doc);
}

/* gcxctl's own options. */
static void own_print(void)
{
    char text[64];
    for (size_t i = 0; i < OWN_COUNT; i++) {
        const struct own_option *own = &own_options[i];
        snprintf(text, sizeof text, "--%s%s%s", own->name, own->word[0] ? " " : "", own->word);
        if (own->where != OWN_SHELL) row_print(text, own->doc);
    }
}

/* Exit codes, from exits.def. */
static void exits_print(void)
{
    fputs("\nExit codes:", stdout);
#define EXIT(name, number, doc) printf("%s %d %s", number > 0 ? ";" : "", number, doc);
#include "runtime/ctl/exits.def"
#undef EXIT
    puts(".");
}

/* Prints all commands, sorted by the role that they need: first what everybody may do. */
void ctl_help(void)
{
    static const char *const roles[] = {"", "looks:", "operators, too:", "admins, too:"};
    char text[120];
    puts("Usage: gcxctl [OPTION...] COMMAND [ARGUMENT...]");
    for (int role = ROLE_MONITOR; role <= ROLE_ADMIN; role++) {
        printf("\n%s\n", role == ROLE_MONITOR ? "Everybody who is let in:" : roles[role]);
        for (unsigned id = 0; id < COMMANDS; id++) {
            if ((int)command_at((enum command_id)id)->role != role) continue;
            help_synopsis((enum command_id)id, text, sizeof text);
            row_print(text, command_at((enum command_id)id)->doc);
        }
    }
    puts("\nID is an interaction's (1-00000000002a) or a ConnID (16 hexadecimal digits).");
    puts("The admin socket is " ADMIN_SOCKET " where neither --socket nor GCX_ADMIN names another.\n");
    own_print();
    exits_print();
}

void ctl_help_of(enum command_id id)
{
    assert(id < COMMANDS);
    const struct command_argument *row;
    char text[120], name[COMMAND_OPTION];
    help_synopsis(id, text, sizeof text);
    printf("Usage: gcxctl %s [OPTION...]\n\n%s.\n\n", text, command_at(id)->doc);
    for (size_t i = 0; (row = command_argument(id, i)); i++) {
        if (row->need == NEED_OPTION) {
            command_option(row, name);
            snprintf(text, sizeof text, "--%s%s%s", name, row->word[0] != '\0' ? " " : "", row->word);
        } else
            snprintf(text, sizeof text, "%s", row->word);
        if (row->doc[0] != '\0') row_print(text, row->doc);
    }
    own_print();
    if (command_at(id)->role > ROLE_MONITOR) printf("\nFor the role %s.\n", role_name(command_at(id)->role));
}

/* Prints a word, with a tab and a description, if it begins with what was typed. */
static void help_offer(const char *word, const char *text, const char *doc)
{
    if (strncmp(text, word, strlen(word)) == 0) printf("%s\t%s\n", text, doc ? doc : "");
}

/* Offers the values of the member `key` in all rows of a list that `command` returns. */
static void offer_names(struct ctl *ctl, const char *word, enum command_id command, const char *key, const char *doc)
{
    enum ctl_exit result;
    const char *list = show_list(command);
    json_t *request = json_pack("{s:s}", "command", command_at(command)->name);
    json_t *answer = ctl_ask_all(ctl, request, list, command == COMMAND_links ? 0 : OFFERED_MOST, &result);
    json_t *tame, *row;
    size_t i;
    if (!answer) return;
    tame = show_tame(answer);
    json_array_foreach(json_object_get(tame, list), i, row)
    {
        const char *text = json_string_value(json_object_get(row, key));
        if (text) help_offer(word, text, doc ? json_string_value(json_object_get(row, doc)) : NULL);
    }
    json_decref(tame);
    json_decref(answer);
}

/* Offers the names of strategies; if an image is wanted, its hash, too. */
static void offer_strategies(struct ctl *ctl, const char *word, bool images)
{
    enum ctl_exit result;
    json_t *answer = ctl_ask(ctl, json_pack("{s:s}", "command", "strategies"), &result), *row, *name;
    size_t i, k;
    json_array_foreach(json_object_get(answer, "images"), i, row)
    {
        char hash[13];
        snprintf(hash, sizeof hash, "%s", ctl_text_at(row, "image"));
        json_array_foreach(json_object_get(row, "strategies"), k, name)
        {
            help_offer(word, json_string_value(name), "strategy");
            if (images) help_offer(word, hash, json_string_value(name));
        }
    }
    json_decref(answer);
}

/* Offers the words of a list in words.def or enums.def. */
static void help_offer_words(const char *word, const char *list)
{
    const char *known;
    for (size_t i = 0; (known = word_of_list(list, i)); i++) help_offer(word, known, NULL);
}

/* The values to offer for each type of argument: words of a list, or names that gcxvm returns. */
static const struct offered {
    const char *words;       /* NULL: none */
    const char *names, *doc; /* members of the rows that `command` returns; NULL: none */
    enum command_id command;
    const char *more; /* one more word to offer; NULL: none */
} offered[] = {
    [ARGUMENT_IXN] = {.names = "ixn", .doc = "ani", .command = COMMAND_interactions},
    [ARGUMENT_AGENT] = {.names = "name", .doc = "state", .command = COMMAND_agents},
    [ARGUMENT_SETTING] = {.names = "name", .doc = "value", .command = COMMAND_settings},
    [ARGUMENT_QUEUE] = {.names = "name", .command = COMMAND_queues},
    [ARGUMENT_POINT] = {.names = "dn", .doc = "strategy", .command = COMMAND_routing_points},
    [ARGUMENT_STATE] = {.words = "interaction_state"},
    [ARGUMENT_MEDIUM] = {.words = "media"},
    [ARGUMENT_ROOM] = {.words = "log_room", .names = "name", .command = COMMAND_links, .more = "all"},
    [ARGUMENT_LEVEL] = {.words = "log_level"},
    [ARGUMENT_FORMAT] = {.words = "trace_format"},
    [ARGUMENT_CAMPAIGN] = {.names = "name", .doc = "state", .command = COMMAND_campaigns},
    [ARGUMENT_CAMPAIGN_OP] = {.words = "campaign_op"},
    [ARGUMENT_CAMPAIGN_MODE] = {.words = "campaign_mode"},
    [ARGUMENT_FILE] = {.more = ":files"}, /* the shell's own */
};

/* Offers the values for an argument or option of this row. Names are asked of gcxvm, if it answers. */
static void offer_values(struct ctl *ctl, const struct command_argument *row, const char *word)
{
    const struct offered *values = row->type < sizeof offered / sizeof *offered ? &offered[row->type] : NULL;
    if (row->type == ARGUMENT_STRATEGY || row->type == ARGUMENT_IMAGE)
        offer_strategies(ctl, word, row->type == ARGUMENT_IMAGE);
    if (!values) return;
    if (row->type == ARGUMENT_FILE)
        puts(values->more);
    else if (values->more)
        help_offer(word, values->more, NULL);
    if (row->type == ARGUMENT_STATE && row->of == COMMAND_agents)
        help_offer_words(word, "agent_state");
    else if (values->words)
        help_offer_words(word, values->words);
    if (values->names) offer_names(ctl, word, values->command, values->names, values->doc);
}

/* Does the option `word` need a value? `*row`: the option's row, if the option belongs to the command. */
static bool takes_value(enum command_id id, const char *word, const struct command_argument **row)
{
    char name[COMMAND_OPTION];
    *row = NULL;
    if (strcmp(word, "-n") == 0) return true; /* the short form of --rounds, as in top(1) */
    for (size_t i = 0; i < OWN_COUNT && strncmp(word, "--", 2) == 0; i++)
        if (own_options[i].word[0] && strcmp(own_options[i].name, word + 2) == 0) return true;
    for (size_t i = 0; id < COMMANDS && (*row = command_argument(id, i)); i++) {
        if ((*row)->need != NEED_OPTION || (*row)->type == ARGUMENT_FLAG || strncmp(word, "--", 2) != 0) continue;
        command_option(*row, name);
        if (strcmp(name, word + 2) == 0) return true;
    }
    *row = NULL;
    return false;
}

/* Offers the options of the command, and gcxctl's own. */
static void offer_options(enum command_id id, const char *word)
{
    const struct command_argument *row;
    char text[64], name[COMMAND_OPTION];
    for (size_t i = 0; id < COMMANDS && (row = command_argument(id, i)); i++) {
        if (row->need != NEED_OPTION) continue;
        command_option(row, name);
        snprintf(text, sizeof text, "--%s", name);
        help_offer(word, text, row->doc);
    }
    for (size_t i = 0; i < OWN_COUNT; i++) {
        const struct own_option *own = &own_options[i];
        snprintf(text, sizeof text, "--%s", own->name);
        if (own->where == OWN_ANY || (own->where == OWN_ACTS && id < COMMANDS && command_at(id)->kind == COMMAND_ACT))
            help_offer(word, text, own->doc);
    }
}

/* Offers the values for the argument at this position. */
static void offer_argument(struct ctl *ctl, enum command_id id, size_t at, const char *word)
{
    const struct command_argument *row = NULL;
    for (size_t i = 0; i <= at; i++) { /* the last argument may take several words */
        const struct command_argument *next = command_argument(id, i);
        bool many = row && (row->need == NEED_SOME || row->need == NEED_ANY);
        if (!next || next->need == NEED_OPTION) {
            if (!many) row = NULL;
            break;
        }
        row = next;
    }
    if (row) offer_values(ctl, row, word);
}

/* Completes a command line: reads the words before the last one as the parser would, without error messages, then
 * offers words for the last. */
void ctl_complete(struct ctl *ctl, int count, char **words)
{
    const char *last = count > 0 ? words[count - 1] : "";
    const struct command_argument *row = NULL;
    enum command_id id = COMMANDS;
    size_t arguments = 0;
    bool value = false;
    ctl->quiet = true;
    ctl->timeout_s = 2;
    for (int i = 0; i < count - 1; i++) {
        if (value) {
            if (strcmp(words[i - 1], "--socket") == 0) ctl->path = words[i];
            value = false;
        } else if (words[i][0] == '-') {
            value = takes_value(id, words[i], &row);
        } else if (id == COMMANDS) {
            id = command_id_named(words[i]);
            if (id == COMMANDS) return;
        } else {
            arguments++;
        }
    }
    if (value && row) {
        offer_values(ctl, row, last);
    } else if (value) {
        if (strcmp(words[count - 2], "--socket") == 0) puts(":files");
    } else if (last[0] == '-') {
        offer_options(id, last);
    } else if (id == COMMANDS) {
        for (unsigned i = 0; i < COMMANDS; i++)
            help_offer(last, command_at((enum command_id)i)->name, command_at((enum command_id)i)->doc);
    } else {
        offer_argument(ctl, id, arguments, last);
    }
}
