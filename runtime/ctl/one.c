/* runtime/ctl/one.c - Shows one interaction in sentences: where it is, what has happened, why it waits.
 *
 * `why` has two tenses. While an interaction waits, `why` shows its selection and the agents as they are now. After
 * the wait it shows how long nobody was free, who was chosen and by which order, and, from a journal, the same
 * agents as they were at that moment (`past`).
 *
 * A site has thousands of agents, so they are shown by kind, the most important kind first: the agent who was
 * chosen, those who came second, those who match but could not be chosen, those who are ready but do not match, and
 * the rest. In each kind the reasons are counted, and the first few agents are named. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/ctl/show.h"

enum { KEY_WIDTH = 20, NAME_WIDTH = 16 };

/* Prints the caller, the number that was called, and the outcome. */
static void one_head_print(const json_t *answer)
{
    const json_t *row = json_object_get(answer, "interaction");
    char arrived[MOMENT_TEXT], back[MOMENT_TEXT];
    show_moment(ctl_number_at(row, "arrived_us"), arrived);
    printf("interaction %s, ConnID %s, from %s to %s, strategy %s, priority %lld\n", ctl_text_at(row, "ixn"),
           ctl_text_at(row, "conn"), ctl_text_at(row, "ani"), ctl_text_at(row, "dnis"), ctl_text_at(row, "strategy"),
           ctl_number_at(row, "priority"));
    printf("%s, arrived %s, state %s, owner %s %s, outcome %s\n", ctl_text_at(row, "media"), arrived,
           ctl_text_at(row, "state"), ctl_text_at(row, "owner_kind"), ctl_text_at(row, "owner"),
           ctl_text_at(row, "outcome"));
    if (json_is_integer(json_object_get(row, "reply_us"))) {
        show_moment(ctl_number_at(row, "reply_us"), back);
        printf("without a reply, its strategy takes it back %s\n", back);
    }
    if (json_is_integer(json_object_get(row, "away_us"))) {
        show_moment(ctl_number_at(row, "away_us"), back);
        printf("its agent is away; its strategy takes it back %s\n", back);
    }
    if (!json_is_integer(json_object_get(row, "back_us"))) return;
    show_moment(ctl_number_at(row, "back_us"), back);
    printf("where nobody takes it, it comes back to its queue %s\n", back);
}

/* The file name without its folders: --json has the whole path. */
static const char *one_file_of(const json_t *place)
{
    assert(place);
    const char *path = ctl_text_at(place, "file"), *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Prints a place in the source: step, file, line, function. */
static void one_place_print(const char *what, const json_t *place)
{
    if (!json_is_object(place)) return;
    printf("%-9s %s", what, ctl_text_at(place, "step"));
    if (json_is_integer(json_object_get(place, "line")))
        printf(", %s:%lld", one_file_of(place), ctl_number_at(place, "line"));
    if (json_is_string(json_object_get(place, "function"))) printf(", in %s", ctl_text_at(place, "function"));
    putchar('\n');
}

/* Prints an interaction's wait in a queue, and when the wait may end. */
static void waiting_print(const json_t *waiting)
{
    char waited[DURATION_TEXT], expected[DURATION_TEXT], until[MOMENT_TEXT];
    if (!json_is_object(waiting)) return;
    show_duration(ctl_number_at(waiting, "waited_us"), waited);
    printf("%-9s for %s in queue %s, ", "waiting", waited, ctl_text_at(waiting, "vq"));
    if (ctl_number_at(waiting, "age_us") > ctl_number_at(waiting, "waited_us")) {
        show_duration(ctl_number_at(waiting, "age_us"), waited);
        printf("%s since its first wait, ", waited);
    }
    if (!json_is_integer(json_object_get(waiting, "position"))) {
        puts("somebody is chosen");
        return;
    }
    show_moment(ctl_number_at(waiting, "until_us"), until);
    printf("number %lld of %lld, at the latest until %s", ctl_number_at(waiting, "position"),
           ctl_number_at(waiting, "among"), until);
    show_duration(json_is_integer(json_object_get(waiting, "expected_us")) ? ctl_number_at(waiting, "expected_us") : -1,
                  expected);
    if (strcmp(expected, "-") != 0) printf("; at the present pace %s", expected);
    putchar('\n');
}

/* Prints who debugs an interaction, since when, and when the interaction goes on at the latest. */
static void debugged_print(const json_t *debugged)
{
    char since[MOMENT_TEXT], until[MOMENT_TEXT];
    if (!json_is_object(debugged)) return;
    show_moment(ctl_number_at(debugged, "since_us"), since);
    printf("%-9s by %s since %s", "debugged", ctl_text_at(debugged, "by"), since);
    if (json_is_integer(json_object_get(debugged, "until_us"))) {
        show_moment(ctl_number_at(debugged, "until_us"), until);
        printf(", stands until %s at the latest", until);
    }
    putchar('\n');
}

/* Prints a moment or a wait in a form for people, since the numbers are hard to read. False: the value is neither a
 * moment nor a wait. */
static bool one_time_print(const char *key, json_t *value)
{
    assert(key && value);
    char text[MOMENT_TEXT > DURATION_TEXT ? MOMENT_TEXT : DURATION_TEXT];
    if (json_object_size(value) == 1 && json_is_integer(json_object_get(value, "us")))
        show_moment(ctl_number_at(value, "us"), text);
    else if (strcmp(key, "waited") == 0 && json_is_integer(value))
        show_duration(json_integer_value(value), text);
    else
        return false;
    show_padded(stdout, key, KEY_WIDTH);
    printf(" %s\n", text);
    return true;
}

/* Prints the user data, a line for each value; a value with parts is printed as JSON. */
static void data_print(json_t *data)
{
    const char *key;
    json_t *value;
    json_object_foreach(data, key, value)
    {
        if (one_time_print(key, value)) continue;
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        show_padded(stdout, key, KEY_WIDTH);
        printf(" %s\n", text ? text : "?");
        free(text);
    }
}

void ctl_show_data(const json_t *answer)
{
    data_print(json_object_get(answer, "data"));
}

void show_interaction(const json_t *answer)
{
    one_head_print(answer);
    one_place_print("at", json_object_get(answer, "at"));
    one_place_print("busy", json_object_get(answer, "busy"));
    waiting_print(json_object_get(answer, "waiting"));
    debugged_print(json_object_get(answer, "debugged"));
    putchar('\n');
    if (json_is_object(json_object_get(answer, "data")))
        data_print(json_object_get(answer, "data"));
    else
        puts("(what is attached is shown to operators)");
}

/* A line per happening. */
void show_history(const json_t *history)
{
    size_t i;
    json_t *line;
    json_array_foreach(history, i, line)
    {
        char moment[MOMENT_TEXT];
        show_moment(ctl_number_at(line, "at_us"), moment);
        printf("%s  %s\n", moment, ctl_text_at(line, "what"));
    }
}

/* Prints the decisions on an interaction. A decision without an agent has put the interaction into a queue, where it
 * still waits. */
static void decisions_print(const json_t *answer)
{
    static const struct column columns[] = {
        {"DECIDED", "at_us", COLUMN_MOMENT},
        {"WAITED", "waited_us", COLUMN_DURATION},
        {"QUEUE", "vq", COLUMN_TEXT},
        {"CHOSEN", "chosen", COLUMN_TEXT},
        {"BY", "order", COLUMN_TEXT},
        {"FIGURE", "figure", COLUMN_TEXT},
        {"OF", "among", COLUMN_NUMBER},
        {"LINE", "line", COLUMN_NUMBER},
        {"READY", "candidates", COLUMN_NUMBER},
        {"NOT READY", "not_ready", COLUMN_NUMBER},
        {"NOT MATCHING", "not_matching", COLUMN_NUMBER},
        {"CLAIMED", "claimed", COLUMN_NUMBER},
        {NULL, NULL, COLUMN_TEXT},
    };
    if (json_array_size(json_object_get(answer, "decisions")) == 0) return;
    putchar('\n');
    show_table(stdout, json_object_get(answer, "decisions"), columns);
}

/* Prints a trace; with --format otlp only its spans, for a tool that reads a pipe. */
void show_trace(const json_t *answer)
{
    const json_t *spans = json_object_get(answer, "otlp");
    if (spans) {
        show_json(spans, JSON_COMPACT);
        return;
    }
    one_head_print(answer);
    one_place_print("at", json_object_get(answer, "at"));
    putchar('\n');
    show_history(json_object_get(answer, "history"));
    decisions_print(answer);
}

/* "    sl(vq service) is 71.4%; < limit 70% does not hold"; "    rush is not set" */
static void figures_print(const json_t *figures)
{
    size_t i;
    json_t *row;
    json_array_foreach(figures, i, row)
    {
        const char *bound = json_string_value(json_object_get(row, "bound"));
        printf("          %s is %s", ctl_text_at(row, "figure"), ctl_text_at(row, "is"));
        if (json_is_string(json_object_get(row, "sign")))
            printf("; %s %s%s%s %s", ctl_text_at(row, "sign"), bound ? bound : "", bound && *bound != '\0' ? " " : "",
                   ctl_text_at(row, "than"), json_is_true(json_object_get(row, "holds")) ? "holds" : "does not hold");
        putchar('\n');
    }
}

/* Prints the lines of a selection with their places in the source. A condition holds or not; a line with a target
 * opens at a certain time. `past`: as they were. */
static void one_lines_print(const json_t *lines, bool past)
{
    size_t i;
    json_t *row;
    json_array_foreach(lines, i, row)
    {
        char moment[MOMENT_TEXT];
        const json_t *figures = json_object_get(row, "figures");
        const char *kind = ctl_text_at(row, "kind");
        bool open = json_is_true(json_object_get(row, "open"));
        printf("  line %lld  %s:%lld  %s", ctl_number_at(row, "number"), one_file_of(row), ctl_number_at(row, "line"),
               kind);
        if (figures) {
            if (strcmp(kind, "where") == 0) fputs(open ? ", holds" : ", does not hold", stdout);
            puts(strcmp(kind, "where") != 0 || past ? "" : " now");
            figures_print(figures);
            continue;
        }
        bool named = json_is_string(json_object_get(row, "target"));
        printf("%s%s, ", named ? " " : "", named ? ctl_text_at(row, "target") : "");
        if (json_is_true(json_object_get(row, "barred"))) {
            puts("its condition does not hold");
            continue;
        }
        if (json_is_string(json_object_get(row, "missed"))) {
            printf("there is no %s '%s'\n", ctl_text_at(row, "missed_kind"), ctl_text_at(row, "missed"));
            continue;
        }
        show_moment(ctl_number_at(row, "opens_us"), moment);
        printf("%s %s\n", open ? "open since" : "opens at", moment);
    }
}

/* Prints what an agent lacks: "French 5, needs 8"; "Sales 6, at most 4"; "is not in group overflow" */
static void lack_print(const json_t *lack)
{
    bool group = json_object_get(lack, "group") != NULL, known = json_is_integer(json_object_get(lack, "needs"));
    long long has = ctl_number_at(lack, "has"), needs = ctl_number_at(lack, "needs");
    if (group)
        printf("is %sin group %s", has != 0 ? "" : "not ", ctl_text_at(lack, "group"));
    else if (known)
        printf("%s %lld, %s %lld", ctl_text_at(lack, "skill"), has, needs > has ? "needs" : "at most", needs);
    else
        printf("%s %lld", ctl_text_at(lack, "skill"), has);
}

/* Prints whether an agent matches a line of the selection, or what the agent lacks. */
static void match_print(const json_t *line)
{
    const json_t *lacks = json_object_get(line, "lacks");
    const char *between = json_is_true(json_object_get(line, "either")) ? ", or " : "; ";
    size_t i;
    json_t *lack;
    printf("line %lld: ", ctl_number_at(line, "number"));
    if (json_is_true(json_object_get(line, "matches"))) {
        printf("matches");
        if (json_object_get(line, "place"))
            printf(", in group %s by its place %s", ctl_text_at(line, "group"), ctl_text_at(line, "place"));
        return;
    }
    if (json_is_true(json_object_get(line, "left_out")))
        printf("left out for a while");
    else if (json_is_true(json_object_get(line, "unasked")))
        printf("its link cannot ask");
    else if (json_is_true(json_object_get(line, "elsewhere")))
        printf("has no telephone at the call's switch");
    else if (json_is_true(json_object_get(line, "never")))
        printf("never takes from this queue");
    else if (json_object_get(line, "delay_s"))
        printf("takes from this queue only who has waited %lld s", ctl_number_at(line, "delay_s"));
    else if (json_array_size(lacks) == 0)
        printf("%s", json_is_true(json_object_get(line, "condition")) ? "its condition does not hold"
                                                                      : "is for somebody else");
    json_array_foreach(lacks, i, lack)
    {
        if (i > 0) fputs(between, stdout);
        lack_print(lack);
    }
}

/* Prints one agent: why the agent cannot be chosen, and what each of the row's `lines` says of the agent. */
static void candidate_print(const json_t *row)
{
    const json_t *lines = json_object_get(row, "lines");
    const char *reason = json_string_value(json_object_get(row, "not_chosen"));
    size_t i;
    json_t *line;
    fputs("  ", stdout);
    show_padded(stdout, ctl_text_at(row, "name"), NAME_WIDTH);
    printf(" %s", reason ? reason : "ready");
    if (json_is_string(json_object_get(row, "ixn"))) printf(" with %s", ctl_text_at(row, "ixn"));
    json_array_foreach(lines, i, line)
    {
        fputs("; ", stdout);
        match_print(line);
    }
    const char *why = json_string_value(json_object_get(row, "reason"));
    bool told = reason || (json_array_size(lines) > 0 && !json_is_true(json_object_get(row, "matches")));
    if (why && !told) printf("; %s", why);
    putchar('\n');
}

enum { SHOWN_MOST = 20, REASONS_MOST = 10 };

enum kind { CHOSEN, CAME_SECOND, IN_THE_WAY, NO_MATCH, NEITHER, KINDS };

static enum kind one_kind_of(const json_t *row, const char *chosen)
{
    bool free = json_is_null(json_object_get(row, "not_chosen"));
    if (chosen && strcmp(ctl_text_at(row, "name"), chosen) == 0) return CHOSEN;
    if (json_is_true(json_object_get(row, "matches"))) return free ? CAME_SECOND : IN_THE_WAY;
    return free ? NO_MATCH : NEITHER;
}

/* Prints why the agents of a kind are not chosen, each reason with its number: " (12 claimed, 3 not ready)". */
static void reasons_print(const json_t *agents, const char *chosen, enum kind kind)
{
    assert(kind < KINDS);
    struct {
        const char *text;
        size_t count;
    } reasons[REASONS_MOST] = {{NULL, 0}};
    size_t i, k, count = 0;
    json_t *row;
    json_array_foreach(agents, i, row)
    {
        const char *reason = json_string_value(json_object_get(row, "not_chosen"));
        if (one_kind_of(row, chosen) != kind || !reason) continue;
        for (k = 0; k < count && strcmp(reasons[k].text, reason) != 0; k++) continue;
        if (k == REASONS_MOST) continue;
        if (k == count) reasons[count++].text = reason;
        reasons[k].count++;
    }
    for (k = 0; k < count; k++) printf("%s%zu %s", k == 0 ? " (" : ", ", reasons[k].count, reasons[k].text);
    if (count > 0) putchar(')');
}

/* Prints the agents by kind: first the one who was chosen, then those who match, then those who are ready, then the
 * rest; of each kind the first few. `past`: as they were. */
static void candidates_print(const json_t *agents, const char *chosen, bool past)
{
    static const char *const heads[2][KINDS] = {
        {"chosen", "match, and could be chosen", "match, and cannot be chosen now", "could be chosen, and do not match",
         "neither match nor could be chosen"},
        {"chosen", "matched, and came second", "matched, and could not be chosen",
         "could have been chosen, and did not match", "neither matched nor could be chosen"}};
    for (enum kind kind = CHOSEN; kind < KINDS; kind++) {
        size_t i, count = 0, shown = 0;
        json_t *row;
        json_array_foreach(agents, i, row) count += one_kind_of(row, chosen) == kind;
        if (count == 0) continue;
        printf("%zu %s", count, heads[past][kind]);
        reasons_print(agents, chosen, kind);
        puts(":");
        json_array_foreach(agents, i, row)
        {
            if (one_kind_of(row, chosen) == kind && shown++ < SHOWN_MOST) candidate_print(row);
        }
        if (shown > SHOWN_MOST) printf("  and %zu more\n", shown - SHOWN_MOST);
    }
}

/* Prints by which order an agent was chosen: "as the longest idle of those who matched"; "by max, with 9, of 3 who
 * matched; of 2 who were equal by round_robin"; "drawn by its share, 20%" */
static void order_print(const json_t *row)
{
    const json_t *figure = json_object_get(row, "figure");
    const char *order = ctl_text_at(row, "order");
    if (strcmp(order, "longest_idle") == 0) {
        printf("as the longest idle of those who matched");
        return;
    }
    if (strcmp(order, "share") == 0) {
        printf("drawn by its share, %s", json_is_string(figure) ? json_string_value(figure) : "0%");
        return;
    }
    printf("by %s, ", order);
    if (json_is_string(figure)) printf("with %s, ", json_string_value(figure));
    printf("of %lld who matched", ctl_number_at(row, "among"));
    if (!json_is_string(json_object_get(row, "tie"))) return;
    const json_t *tied = json_object_get(row, "tie_figure");
    printf("; of %lld who were equal by %s", ctl_number_at(row, "equal"), ctl_text_at(row, "tie"));
    if (json_is_string(tied)) printf(", with %s", json_string_value(tied));
}

/* Prints the newest decision that has chosen an agent. */
static void chosen_print(const json_t *decisions)
{
    for (size_t i = json_array_size(decisions); i > 0; i--) {
        const json_t *row = json_array_get(decisions, i - 1);
        char waited[DURATION_TEXT], moment[MOMENT_TEXT];
        if (!json_is_string(json_object_get(row, "chosen"))) continue;
        show_duration(ctl_number_at(row, "waited_us"), waited);
        show_moment(ctl_number_at(row, "at_us"), moment);
        printf("%s was chosen at %s after %s in %s, by line %lld, ", ctl_text_at(row, "chosen"), moment, waited,
               ctl_text_at(row, "vq"), ctl_number_at(row, "line"));
        order_print(row);
        printf(".\nPassed over: %lld ready who did not match, %lld on or kept for other calls, %lld not ready.\n",
               ctl_number_at(row, "not_matching"), ctl_number_at(row, "claimed"), ctl_number_at(row, "not_ready"));
        return;
    }
    puts("no agent was chosen for it");
}

/* Prints one sentence: how long nobody was free for the interaction, and how many others waited when it came. */
static void in_short_print(const json_t *answer)
{
    const json_t *decisions = json_object_get(answer, "decisions"), *first = json_array_get(decisions, 0);
    char waited[DURATION_TEXT];
    if (!first) return;
    long long began_us = ctl_number_at(first, "at_us") - ctl_number_at(first, "waited_us"),
              others = ctl_number_at(first, "others");
    long long until_us = ctl_number_at(json_object_get(answer, "interaction"), "changed_us");
    bool chosen = false;
    for (size_t i = json_array_size(decisions); i > 0 && !chosen; i--) {
        const json_t *row = json_array_get(decisions, i - 1);
        chosen = json_is_string(json_object_get(row, "chosen"));
        if (chosen) until_us = ctl_number_at(row, "at_us");
    }
    show_duration(until_us - began_us, waited);
    if (json_is_string(json_object_get(first, "chosen")))
        fputs("Somebody was free at once", stdout);
    else
        printf("No agent was free for it for %s%s", waited, chosen ? "" : ", until it ended");
    if (others > 0) printf("; %lld other%s waited when it came", others, others == 1 ? "" : "s");
    puts(".");
}

static void defaulted_print(const json_t *defaulted)
{
    char moment[MOMENT_TEXT];
    if (!json_is_object(defaulted)) return;
    show_moment(ctl_number_at(defaulted, "at_us"), moment);
    printf("It was routed by default at %s: %s.\n", moment, ctl_text_at(defaulted, "reason"));
}

/* Prints the selection and its agents; `past`: as they were then. */
static void selection_print(const json_t *of, bool past)
{
    printf("Logged in: %lld; could %s chosen: %lld. Its selection:\n", ctl_number_at(of, "logged_in"),
           past ? "have been" : "be", ctl_number_at(of, "ready"));
    one_lines_print(json_object_get(of, "lines"), past);
    if (json_object_get(of, "preference"))
        printf("Preferences of ready agents: %s.\n", json_string_value(json_object_get(of, "preference")));
    candidates_print(json_object_get(of, "agents"), json_string_value(json_object_get(of, "chosen")), past);
}

/* Prints the selection at the moment when somebody was chosen, or at the last moment of the wait; it comes from the
 * journal. */
static void then_print(const json_t *then)
{
    char moment[MOMENT_TEXT];
    show_moment(ctl_number_at(then, "at_us"), moment);
    if (json_is_string(json_object_get(then, "chosen")))
        printf("\nWhen %s was chosen, at %s. ", ctl_text_at(then, "chosen"), moment);
    else
        printf("\nAt the last moment of its wait, %s. ", moment);
    selection_print(then, true);
}

/* Prints a warning if secrets were erased from the journal that was replayed. */
static void erased_print(const json_t *erased)
{
    if (!json_is_string(erased)) return;
    if (strcmp(json_string_value(erased), "own") == 0)
        puts("Secrets of it are erased: what a strategy has decided by one may have come out otherwise than it is told "
             "here.");
    else
        puts("Secrets of interactions before it are erased: what depended on those may have come out otherwise than it "
             "is told here.");
}

/* Prints in which arm of which rollout the interaction is, and its version. */
static void version_print(const json_t *version)
{
    if (!json_is_integer(json_object_get(version, "rollout"))) return;
    printf("%-9s %.8s, the %s of rollout %lld\n", "version", ctl_text_at(version, "image"), ctl_text_at(version, "arm"),
           (long long)ctl_number_at(version, "rollout"));
}

/* Prints the answer of `why`: an interaction that waits has candidates; one that does not has the decision that
 * ended its wait. */
void show_why(const json_t *answer)
{
    const json_t *waiting = json_object_get(answer, "waiting"), *agents = json_object_get(answer, "agents");
    const json_t *then = json_object_get(answer, "then");
    bool waits = json_is_object(waiting) && json_is_integer(json_object_get(waiting, "position"));
    one_head_print(answer);
    one_place_print("at", json_object_get(answer, "at"));
    waiting_print(waiting);
    version_print(json_object_get(answer, "version"));
    debugged_print(json_object_get(answer, "debugged"));
    erased_print(json_object_get(answer, "erased"));
    putchar('\n');
    if (waits) {
        printf("It waits for somebody. ");
        selection_print(answer, false);
    } else {
        in_short_print(answer);
        chosen_print(json_object_get(answer, "decisions"));
        defaulted_print(json_object_get(answer, "defaulted"));
        if (then)
            then_print(then);
        else if (json_array_size(agents) == 1 && json_is_string(json_object_get(json_array_get(agents, 0), "reason")))
            printf("%s %s\n", ctl_text_at(json_array_get(agents, 0), "name"),
                   ctl_text_at(json_array_get(agents, 0), "reason"));
    }
    decisions_print(answer);
}
