/* runtime/store/store.h - The contact store: contacts with their addresses, interactions with their texts and parts,
 * standard responses. gcx-store(5) has its tables.
 *
 * A call returns when what it was given is durable. Calls block on the disk or the server; a store belongs to one
 * thread at a time, and each process opens its own. All texts are data: bytes that are not UTF-8, and zeros, become
 * U+FFFD; limits.def says what is cut and what is refused. Moments are microseconds since 1970 UTC. Texts that are
 * given may be NULL; those that are shown are valid during the call that shows them, and "" where there is none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/store/fill.h"
#include "runtime/vocabulary/kv.h"
#include "base/error.h"

enum {
#define LIMIT(name, number, doc) STORE_##name##_MAX = number,
#include "runtime/store/limits.def"
};

struct store;

struct store_options {
    const char *country; /* ISO 3166: how numbers without + are dialled (person.h); NULL, "": as the store has it */
    bool there;          /* the store must be there: one that is missing is an error, and is not made */
};

/* `target`: "sqlite:FILE" or a connection string of libpq. Makes the tables, or brings them to this version. A file
 * that is made is its owner's alone. */
struct store *store_open(const char *target, const struct store_options *, struct error *);
/* A file as it is: nothing is made or changed, and some tables may lack. NULL with the error. */
struct store *store_open_as_is(const char *target, struct error *);
void store_close(struct store *); /* NULL is allowed */

/* Looks at the error of any call: may the same succeed later? True: the store is locked, away or full, or somebody has
 * to mend it: 4xx to a mail server. False: this message never will (ERROR_INPUT, ERROR_LIMIT), or names what is not
 * there (ERROR_UNKNOWN). */
bool store_again(const struct error *);
/* Does the store take a row now, and might each of its tables? One row is written and taken away again; `thorough`: one
 * of 256 KiB, as a disk that is full often has room for a few bytes. */
bool store_takes(struct store *, bool thorough, struct error *);

/* ---- tenants ---- */

/* A number says nothing of its tenant, and the calls below take it as it is. So whoever got it from outside, a person
 * or another program, asks first: false (ERROR_UNKNOWN) where there is none, or it is another tenant's. An upload that
 * no message has named yet has no tenant: all may have it. */
enum store_of { STORE_OF_contact, STORE_OF_interaction, STORE_OF_part, STORE_OF_ALL };
bool store_owns(struct store *, const char *tenant, enum store_of, int64_t number, struct error *);

/* ---- addresses ---- */

/* Erases (store_erase) every contact, of any tenant, that has this address in any form (person.h). */
bool store_forget(struct store *, struct span person, int64_t now, int64_t *contacts, int64_t *interactions,
                  struct error *);

/* What adapters remember loses this address, as store_forget() and store_erase() make it do, too: they withdraw the
 * call-backs that it has asked for. `*count`: so many had it. */
bool store_withdraw(struct store *, struct span person, int64_t *count, struct error *);

enum store_kind {
#define KIND(name, doc) STORE_##name,
#include "runtime/store/kinds.def"
    STORE_KINDS
};
const char *store_kind_name(enum store_kind);
bool store_kind_find(const char *name, enum store_kind *);

/* The one form under which an address is kept and compared. False: it is none, or too long. */
bool store_address(enum store_kind, struct span shown, const char *country, char address[STORE_ADDRESS_MAX + 1],
                   struct error *);

/* ---- taking in ---- */

struct store_part {
    const char *role; /* raw, text, html, inline, attachment, slides */
    struct span type, name, content_id;
    struct span bytes; /* of a small one; or */
    int64_t upload;    /* one that store_upload_bytes() gave */
};

struct store_message {
    struct span msg_id; /* its name outside; empty: it has none */
    int64_t at;
    const char *role;    /* customer, agent, supervisor, bot, system; NULL: customer */
    const char *kind;    /* text, notice, file, push; NULL: text */
    const char *visible; /* all, agents; NULL: all */
    struct span head;    /* digest of what the sender of a mail has written in its head; empty: it has none */
    struct span sender, subject, text;
    const struct store_part *parts;
    size_t part_count;
};

struct store_arrival {
    const char *tenant, *media;
    struct span external_id; /* Message-ID, chat session: unique per tenant and medium */
    bool outbound;
    enum store_kind kind; /* of the customer's address */
    struct span address;  /* the contact is found by it or made; empty, or none of its kind: without a contact */
    struct span name;     /* the contact's, where it is made */
    int64_t contact;      /* known already, of this tenant; 0: by the address */
    int64_t parent;       /* the interaction of this tenant that it answers; 0: none */
    const struct span *references; /* Message-IDs, the nearest last: the thread is found by them */
    size_t reference_count;
    int64_t received;
    uint64_t journal;             /* of the core that is to be told; 0: not known */
    struct store_message message; /* the first one; without text, subject, msg_id and parts: none */
};

struct store_key {
    int64_t interaction, contact, thread, parent; /* 0: none */
    bool known; /* it was there already, by its external id, and is left as it is: only its key is told */
};

/* Keeps an interaction with its first message, all or nothing. An interaction that is there under its external id with
 * the same content is left as it is. Something else there (of another address or direction, another subject or text,
 * other files) leaves it a name of its own, made of the two: nothing is swallowed, and store_odd() tells. */
bool store_put(struct store *, const struct store_arrival *, struct store_key *, struct error *);
/* A further message: a line of the transcript, a note. `*n` is its place; one with a msg_id that the interaction has
 * keeps its first place. Another text under that msg_id is another message, and store_odd() tells. From an interaction
 * that was erased meanwhile only the time, the role and a digest of the msg_id are kept. */
bool store_say(struct store *, int64_t interaction, const struct store_message *, int64_t *n, struct error *);
/* Messages that are said between are durable together, at the end; where that fails none of them is kept. */
bool store_group_begin(struct store *, struct error *);
bool store_group_end(struct store *, struct error *);
/* Its connection, for tables that a plugin has beside the store's in the same database: what is done there belongs to
 * the store's groups. */
struct sql *store_sql(struct store *);

/* Is a name outside, as the store shows it, this one? Of what was erased it shows a digest. */
bool store_same_name(struct span kept, struct span name);
enum { STORE_ERASED_NAME = 72 };
void store_erased_name(struct span name, char erased[STORE_ERASED_NAME]); /* that digest */

/* A sentence for the log about the last store_put() or store_say(), which went well: its name was taken by something
 * else. NULL: it was not, or this was asked already. */
const char *store_odd(struct store *);

/* Keeps a part in pieces; what is brought and never named by a message is removed by store_tidy(). Its number, for
 * store_part.upload; 0 with the reason. */
int64_t store_upload_bytes(struct store *, const struct store_part *, struct span, int64_t now, struct error *);

/* The router's interaction, once it is submitted. `journal`: the number of the core's journal, which gcx_adapter.h
 * gives: ids of another journal are of other interactions; 0: not known. */
bool store_submitted(struct store *, int64_t interaction, uint64_t journal, const char *ixn, struct error *);
/* The agent who handled it and the result. `ended` 0: it goes on, the agent is noted. It ends once: a later end leaves
 * the moment as it is. */
bool store_ended(struct store *, int64_t interaction, const char *agent, const char *result, int64_t ended,
                 struct error *);
/* The router has ended it: the same where nobody has said what became of it. */
bool store_over(struct store *, int64_t interaction, const char *result, int64_t ended, struct error *);
/* Notes the result of message `n`, a mail of ours: accepted, failed, or "" where it goes on; an empty `text`: it
 * stays. */
bool store_told(struct store *, int64_t interaction, int64_t n, const char *result, struct span text, struct error *);

/* A message of ours that is under way, by the core's interaction, is accepted, delivered, failed or expired, or is
 * about to go: unknown. It stays delivered; one that nobody knows is passed over. */
bool store_delivered(struct store *, uint64_t journal, const char *ixn, const char *msg_id, const char *result,
                     struct error *);

/* ---- whose interactions they are ---- */

/* Several cores may have one store. An interaction is another one's, for a core to leave alone, where its journal is
 * that of another selection domain, or of a core that lives. An interaction of the same domain whose core no longer
 * lives is of a state that was lost: a core of that domain takes it over. The domain of a journal that was never served
 * is the one that its interactions' numbers begin with: a core of an older program does not say that it lives. */
enum { STORE_LEASE_S = 10 };
/* The core with this journal lives, for the next STORE_LEASE_S seconds by the clock of the database. One of another
 * journal that was served through this handle before has lost its state. store_close() gives it up. */
bool store_serve(struct store *, uint64_t journal, unsigned domain, struct error *);
/* It has ended, or its state was lost. */
bool store_leave(struct store *, uint64_t journal, struct error *);

struct store_served {
    uint64_t journal;
    unsigned domain; /* 0: not known */
    int64_t until;   /* microseconds since 1970 UTC */
    bool lives;
};
typedef void store_each_served(void *self, const struct store_served *);
/* All cores that have worked with the store, the newest last. */
bool store_all_served(struct store *, store_each_served *, void *self, struct error *);
/* Does another core of the same domain live? */
bool store_has_twin(struct store *, uint64_t journal, bool *twin, struct error *);

/* ---- finding ---- */

/* The interaction that has this external id; or of which one of the References names a message, the last of them first.
 * `interaction` 0: there is none. */
bool store_by_external(struct store *, const char *tenant, const char *media, struct span external_id,
                       struct store_key *, struct error *);
bool store_by_reference(struct store *, const char *tenant, const char *media, const struct span *references,
                        size_t count, struct store_key *, struct error *);

struct store_shown { /* an interaction as lists show it */
    int64_t interaction, contact, parent, thread;
    int64_t received, ended, erased; /* 0: not */
    int64_t messages, parts;
    uint64_t journal; /* of `ixn`; 0: not known */
    struct span tenant, media, external_id, direction, ixn, address, subject, agent, result;
    struct span excerpt; /* the beginning of its first text */
};
typedef void store_each_interaction(void *self, const struct store_shown *);

/* The place where a list goes on: behind the last one that was shown. Zero: from the newest. */
struct store_page {
    int64_t received, interaction;
    unsigned limit; /* at most STORE_ROWS_MAX; 0: 50 */
};

bool store_interaction(struct store *, int64_t interaction, store_each_interaction *, void *self, struct error *);
/* All media in one line of time, the newest first; `page` moves on. */
bool store_history(struct store *, int64_t contact, struct store_page *page, store_each_interaction *, void *self,
                   struct error *);
/* The interactions that answer this one and begin with this text. */
bool store_answers(struct store *, int64_t parent, struct span text, store_each_interaction *, void *self,
                   struct error *);
/* All the interactions that answer this one. */
bool store_answering(struct store *, int64_t parent, store_each_interaction *, void *self, struct error *);
/* Lists the interactions of the medium that have not ended, in the order of their numbers, behind `after`, at most
 * `limit`. Others than the core with this journal (store_serve()) keep theirs to themselves; 0: all are listed. */
bool store_unended(struct store *, const char *tenant, const char *media, uint64_t journal, int64_t after,
                   unsigned limit, store_each_interaction *, void *self, struct error *);
/* Lists interactions whose subject or a text of theirs has all these words. Anything that is no word is passed over;
 * none left: no rows. */
bool store_search(struct store *, const char *tenant, struct span words, struct store_page *page,
                  store_each_interaction *, void *self, struct error *);

struct store_line { /* a message as a transcript shows it */
    int64_t n, at;
    struct span msg_id, role, sender, kind, visible, subject, text, result;
};
typedef void store_each_line(void *self, const struct store_line *);
/* The messages behind place `after`, at most `limit`; `all` false: without those that only agents see. */
bool store_transcript(struct store *, int64_t interaction, int64_t after, unsigned limit, bool all, store_each_line *,
                      void *self, struct error *);

struct store_said { /* a line of a contact's thread: a message; `n` 0: a call, which has none */
    int64_t at, interaction, n;
    int64_t ended, part;                                   /* of the interaction; the message's first file; 0: not */
    struct span media, direction, agent, outcome, address; /* of the interaction */
    struct span msg_id, role, sender, kind, visible, subject, text, result, part_type, part_name;
};
typedef void store_each_said(void *self, const struct store_said *);
/* All that was written and called, of all media in one line of time, the newest first; `page` moves on. */
bool store_thread(struct store *, int64_t contact, struct store_page *page, store_each_said *, void *self,
                  struct error *);

struct store_part_shown {
    int64_t part, interaction, message, n, length;
    struct span role, type, name, content_id, digest;
};
typedef void store_each_part(void *self, const struct store_part_shown *);
bool store_parts(struct store *, int64_t interaction, store_each_part *, void *self, struct error *);
bool store_part(struct store *, int64_t part, store_each_part *, void *self, struct error *);
/* Its bytes, one piece per call; `piece` returns false to end early. A digest that does not fit is an error at the end.
 */
bool store_read(struct store *, int64_t part, bool (*piece)(void *self, struct span), void *self, struct error *);

/* ---- contacts ---- */

typedef void store_each_text(void *self, struct span kind, struct span name, struct span value);
struct store_contact {
    int64_t contact, made, merged_into, erased;
    struct span tenant, name;
};
typedef void store_each_contact(void *self, const struct store_contact *);
/* One contact: also a merged one as it is. */
bool store_contact(struct store *, int64_t contact, store_each_contact *, void *self, struct error *);
/* Whose address it is; 0: nobody's. */
bool store_contact_at(struct store *, const char *tenant, enum store_kind, struct span address, int64_t *contact,
                      struct error *);
/* Its addresses (kind, form, as shown) and then its fields ("field", name, value). */
bool store_details(struct store *, int64_t contact, store_each_text *, void *self, struct error *);
/* Contacts whose name has this text in it, or an address of which begins with it; telephone numbers are compared by
 * their digits. */
bool store_contacts(struct store *, const char *tenant, struct span text, unsigned limit, store_each_contact *,
                    void *self, struct error *);
/* A field of the contact, which standard responses name contact.NAME. Letters, digits and _ make a name; one that is a
 * kind of address is refused. An empty value removes the field. */
bool store_field(struct store *, int64_t contact, struct span name, struct span value, int64_t now, struct error *);
/* The `other` one's addresses, interactions, and fields that `kept` lacks, become those of `kept`. */
bool store_merge(struct store *, int64_t kept, int64_t other, int64_t now, struct error *);

/* ---- who wants no messages, or no calls ---- */

/* One rule for all media: whatever is about to go to a customer asks store_refuses() first, where it goes out. Calls
 * are of the medium `voice`. */

struct store_refusal { /* an address that wants none of a medium; texts may be empty */
    const char *tenant, *media;
    enum store_kind kind;
    struct span address;
    struct span own;  /* the address of ours from which none is wanted; empty: all of ours */
    struct span word; /* that the customer wrote; empty: an agent has noted it */
    int64_t since;
};
typedef void store_each_refusal(void *self, const struct store_refusal *);
/* It is so from now on, or no longer. `*changed`, may be NULL: it was not so before. */
bool store_refuse(struct store *, const struct store_refusal *, bool on, bool *changed, struct error *);
/* Does it want none from `own`? */
bool store_refuses(struct store *, const struct store_refusal *, bool *refused, struct error *);
struct store_refusal_act {
    const char *media, *agent;
    bool noted;         /* else it is taken back; */
    struct span reason; /* then there must be one */
    int64_t at;
};
typedef void store_each_refusal_act(void *self, const struct store_refusal_act *);
/* An agent notes it for all addresses of the contact, also those that a merge brings it, or takes back what an agent
 * has noted. An act that changes something is kept; after STORE_REFUSAL_ACTS_MAX of a contact in a day none is taken
 * back (ERROR_LIMIT). */
bool store_contact_refuse(struct store *, int64_t contact, const struct store_refusal_act *, struct error *);
/* The acts, the newest first, at most STORE_ROWS_MAX. */
bool store_refusal_acts(struct store *, int64_t contact, store_each_refusal_act *, void *self, struct error *);
bool store_refusals(struct store *, int64_t contact, store_each_refusal *, void *self, struct error *);

/* ---- forgetting ---- */

/* Name, addresses, fields, subjects, texts and parts of the contact, and of those merged into it, go; interactions keep
 * their times and results, and what was erased before the moment when it was. `*count` interactions are erased. */
bool store_erase(struct store *, int64_t contact, int64_t now, int64_t *count, struct error *);
/* Removes at most `limit` interactions of the tenant that ended before, with all that they have, and then its contacts
 * without any that were made before; called until `*count` is 0. */
bool store_expire(struct store *, const char *tenant, int64_t before, unsigned limit, int64_t *count, struct error *);
/* Removes uploads that were begun before and are no message's. */
bool store_tidy(struct store *, int64_t before, int64_t *count, struct error *);
/* Reads everything: digests of parts, places of messages, the words' index. Each fault is told. */
bool store_check(struct store *, void (*fault)(void *self, const char *text), void *self, struct error *);

/* ---- standard responses ---- */

struct store_response {
    int64_t response;
    struct span category, name, language, subject, text;
};
/* Many of them, all or none. `*wrong`: the place of the one that was refused; `*same`: of the one before it that is the
 * same by category, name and language, else `*wrong`. */
bool store_responses_put(struct store *, const char *tenant, const struct store_response *, size_t count, int64_t now,
                         size_t *wrong, size_t *same, struct error *);
typedef void store_each_response(void *self, const struct store_response *);
/* Lists the responses of a category and below it; an empty one: all. `language` empty: of all; else that language's and
 * those of any. */
bool store_responses(struct store *, const char *tenant, struct span category, struct span language,
                     store_each_response *, void *self, struct error *);
bool store_response(struct store *, int64_t response, store_each_response *, void *self, struct error *);

struct store_value {
    const char *name; /* agent.name */
    struct span value;
};
/* Puts `text` with its fields filled in (fill.h): contact.name, contact.email and the other kinds of addresses,
 * contact.FIELD, and those of `more`. A field that the contact does not have is unknown. `contact` 0: only `more`. */
bool store_fill(struct store *, int64_t contact, struct span text, enum fill_place, const struct store_value *more,
                size_t count, struct out *, unsigned *unknown, struct error *);
/* `near`: the field that may have been meant, as {contact.name} without its braces; NULL: none is like it. */
typedef void store_each_unknown(void *self, struct span name, const char *near);
/* Tells each field of a response's subject and text that no contact of the tenant has: it stays as it stands. `agent`:
 * agents send it, and their names are filled in, too. */
bool store_unknown(struct store *, const char *tenant, const struct store_response *, bool agent, store_each_unknown *,
                   void *self, struct error *);
