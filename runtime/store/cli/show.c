/* runtime/store/cli/show.c - gcxstore: the commands that print data. Texts are printed so that no byte of them acts
 * on a terminal.
 *
 * Customers wrote all texts printed here, so control characters must never reach the terminal: all texts go through
 * shown_print() or shown_write(). Bytes of a part are written unchanged, since they are meant for a file. */
#include <stdio.h>

#include "runtime/store/cli/cli.h"
#include "base/shown.h"

static const char *shown_cut_text(struct span span)
{
    return (const char *)span.bytes; /* texts of the store end with a zero */
}

static void shown_moment(const char *before, int64_t us)
{
    struct out out = {0};
    if (us == 0) return;
    out_moment(&out, us, ' ');
    printf("%s%.19s", before, out.bytes);
    out_free(&out);
}

static void shown_named(const char *before, struct span value)
{
    if (value.length > 0) shown_print(stdout, "%s%s", before, shown_cut_text(value));
}

static void interaction_line(void *self, const struct store_shown *shown)
{
    (void)self;
    printf("%lld", (long long)shown->interaction);
    shown_moment("  ", shown->received);
    shown_print(stdout, "  %s %s", shown_cut_text(shown->media), shown_cut_text(shown->direction));
    shown_named("  ", shown->subject);
    shown_named("  agent ", shown->agent);
    shown_named("  ", shown->result);
    if (shown->ended == 0) printf("  open");
    if (shown->erased != 0) printf("  erased");
    if (shown->parts > 0) printf("  %lld parts", (long long)shown->parts);
    puts("");
}

static void contact_line(void *self, const struct store_contact *contact)
{
    (void)self;
    printf("%lld", (long long)contact->contact);
    shown_named("  ", contact->name);
    shown_moment("  since ", contact->made);
    if (contact->merged_into != 0) printf("  merged into %lld", (long long)contact->merged_into);
    shown_moment("  erased ", contact->erased);
    puts("");
}

/* Prints the value only if it differs from the name: an address is often both. */
static void detail_line(void *self, struct span kind, struct span name, struct span value)
{
    (void)self;
    shown_print(stdout, "    %s %s", shown_cut_text(kind), shown_cut_text(name));
    if (!span_equal(name, value)) shown_named("  ", value);
    puts("");
}

static void refusal_line(void *self, const struct store_refusal *refusal)
{
    (void)self;
    shown_print(stdout, "    refuses %s at %s", refusal->media, shown_cut_text(refusal->address));
    shown_named(" from ", refusal->own);
    shown_named(" by the word ", refusal->word);
    shown_moment("  since ", refusal->since);
    puts("");
}

static void refusal_act_line(void *self, const struct store_refusal_act *act)
{
    (void)self;
    shown_print(stdout, "    refusal of %s %s by %s", act->media, act->noted ? "noted" : "taken back", act->agent);
    shown_moment("  ", act->at);
    shown_named("  ", act->reason);
    puts("");
}

enum cli_exit store_cli_contacts(struct store_cli *cli)
{
    return store_cli_end(cli, store_contacts(cli->store, cli->tenant, span_of(cli->words[0]), cli->limit, contact_line,
                                             NULL, &cli->error));
}

enum cli_exit store_cli_search(struct store_cli *cli)
{
    struct out words = {0};
    struct store_page page = {.limit = cli->limit};
    for (int i = 0; i < cli->count; i++) {
        out_text(&words, cli->words[i]);
        out_text(&words, " ");
    }
    bool good = store_search(cli->store, cli->tenant, span_of(words.bytes), &page, interaction_line, NULL, &cli->error);
    out_free(&words);
    return store_cli_end(cli, good);
}

/* Prints contact, addresses, refusals and interactions; the first failure ends the output. */
enum cli_exit store_cli_history(struct store_cli *cli)
{
    int64_t contact;
    struct store_page page = {.limit = cli->limit};
    return store_cli_end(cli, store_cli_owned(cli, 0, STORE_OF_contact, &contact) &&
                                  store_contact(cli->store, contact, contact_line, NULL, &cli->error) &&
                                  store_details(cli->store, contact, detail_line, NULL, &cli->error) &&
                                  store_refusals(cli->store, contact, refusal_line, NULL, &cli->error) &&
                                  store_refusal_acts(cli->store, contact, refusal_act_line, NULL, &cli->error) &&
                                  store_history(cli->store, contact, &page, interaction_line, NULL, &cli->error));
}

static void message_line(void *self, const struct store_line *line)
{
    (void)self;
    printf("\n%lld", (long long)line->n);
    shown_moment("  ", line->at);
    shown_print(stdout, "  %s", shown_cut_text(line->role));
    shown_named(" ", line->sender);
    if (!span_is(line->kind, "text")) shown_named("  ", line->kind);
    if (!span_is(line->visible, "all")) printf("  (agents only)");
    puts("");
    shown_write(stdout, shown_cut_text(line->text));
    puts("");
}

static void part_line(void *self, const struct store_part_shown *part)
{
    (void)self;
    printf("part %lld  of message %lld  %lld bytes", (long long)part->part, (long long)part->message,
           (long long)part->length);
    shown_named("  ", part->role);
    shown_named("  ", part->type);
    shown_named("  ", part->name);
    puts("");
}

enum cli_exit store_cli_show(struct store_cli *cli)
{
    int64_t number;
    return store_cli_end(
        cli, store_cli_owned(cli, 0, STORE_OF_interaction, &number) &&
                 store_interaction(cli->store, number, interaction_line, NULL, &cli->error) &&
                 store_transcript(cli->store, number, 0, cli->limit, true, message_line, NULL, &cli->error) &&
                 store_parts(cli->store, number, part_line, NULL, &cli->error));
}

static bool shown_piece_write(void *self, struct span piece)
{
    return fwrite(piece.bytes, 1, piece.length, self) == piece.length;
}

enum cli_exit store_cli_part(struct store_cli *cli)
{
    int64_t part;
    return store_cli_end(cli, store_cli_owned(cli, 0, STORE_OF_part, &part) &&
                                  store_read(cli->store, part, shown_piece_write, stdout, &cli->error));
}

static void response_line(void *self, const struct store_response *response)
{
    (void)self;
    shown_named("", response->category);
    shown_print(stdout, "%s%s", response->category.length > 0 ? "/" : "", shown_cut_text(response->name));
    shown_named("  ", response->language);
    shown_named("  ", response->subject);
    puts("");
}

enum cli_exit store_cli_responses(struct store_cli *cli)
{
    return store_cli_end(cli, store_responses(cli->store, cli->tenant, span_of(cli->count > 0 ? cli->words[0] : ""),
                                              span_of(""), response_line, NULL, &cli->error));
}
