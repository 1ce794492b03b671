/* runtime/store/store.h - The contact store: contacts with their addresses, interactions with their texts and parts,
 * standard responses. gcx-store(5) has its tables.
 *
 * A call returns when its data is durable. Calls block on the disk or the server; a store belongs to one thread at a
 * time, and each process opens its own. All texts are data: invalid UTF-8 bytes, and zeros, become U+FFFD;
 * limits.def has which texts are cut and which are refused. Times are microseconds since 1970 UTC. Texts that are
 * passed in may be NULL; texts that are shown are valid during that call, and "" if there is none. */
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
    const char *country; /* country of numbers without + by ISO 3166 (person.h); NULL or "": the stored one */
    bool there;          /* true: a missing store is an error, and is not created */
};

/* `target`: "sqlite:FILE" or a connection string of libpq. Creates the tables, or brings them to this version. A new
 * file can be read by its owner alone. */
struct store *store_open(const char *target, const struct store_options *, struct error *);
/* Opens an SQLite file as it is: nothing is created or changed, and tables may be missing. NULL with the error. */
struct store *store_open_as_is(const char *target, struct error *);
void store_close(struct store *); /* NULL is allowed */

/* Returns whether the call that failed with this error may succeed later. True: the store is locked, away or full,
 * or somebody has to repair it: 4xx to a mail server. False: the store will never take this message (ERROR_INPUT,
 * ERROR_LIMIT), or it refers to something that is missing (ERROR_UNKNOWN). */
bool store_again(const struct error *);
/* True: the store accepts a row now, and each of its tables would. One row is written and removed again; `thorough`:
 * one of 256 KiB, as a disk that is full often has room for a few bytes. */
bool store_takes(struct store *, bool thorough, struct error *);

/* ---- tenants ---- */

/* True: the contact, interaction or part of that number belongs to the tenant. The calls below do not check that, so
 * a caller who got the number from outside must check it first. False (ERROR_UNKNOWN): there is no such number, or
 * it belongs to another tenant. An upload that no message has named yet has no tenant: every tenant may use it. */
enum store_of { STORE_OF_contact, STORE_OF_interaction, STORE_OF_part, STORE_OF_ALL };
bool store_owns(struct store *, const char *tenant, enum store_of, int64_t number, struct error *);

/* ---- addresses ---- */

/* Erases (store_erase) every contact, of any tenant, that has this address in any form (person.h). */
bool store_forget(struct store *, struct span person, int64_t now, int64_t *contacts, int64_t *interactions,
                  struct error *);

/* Removes the address from the rows that adapters keep in the store, so that they withdraw the callbacks requested
 * with it; store_forget() and store_erase() do so, too. `*count`: how many rows had the address. */
bool store_withdraw(struct store *, struct span person, int64_t *count, struct error *);

enum store_kind {
#define KIND(name, doc) STORE_##name,
#include "runtime/store/kinds.def"
    STORE_KINDS
};
const char *store_kind_name(enum store_kind);
bool store_kind_find(const char *name, enum store_kind *);

/* Brings an address into the one form in which it is stored and compared. False: it is no address, or is too long. */
bool store_address(enum store_kind, struct span shown, const char *country, char address[STORE_ADDRESS_MAX + 1],
                   struct error *);

/* ---- taking in ---- */

struct store_part {
    const char *role; /* kind of the part: raw, text, html, inline, attachment, slides */
    struct span type, name, content_id;
    struct span bytes; /* the bytes of a small part; empty if there is an `upload` */
    int64_t upload;    /* the number that store_upload_bytes() returned; 0: none */
};

struct store_message {
    struct span msg_id; /* the message's outside name; empty: it has none */
    int64_t at;
    const char *role;    /* the writer's role: customer, agent, supervisor, bot, system; NULL: customer */
    const char *kind;    /* kind of the message, as the column; NULL: text */
    const char *visible; /* all, agents; NULL: all */
    struct span head;    /* digest of the header fields that the mail's sender has written; empty: none */
    struct span sender, subject, text;
    struct span of_id, about; /* as the columns of these names in store.def; empty: none */
    const struct store_part *parts;
    size_t part_count;
};

struct store_arrival {
    const char *tenant, *media;
    struct span external_id; /* Message-ID, chat session: unique per tenant and medium */
    bool outbound;
    enum store_kind kind; /* of the customer's address */
    struct span
        address; /* address of the contact, which is found or made; empty, or no address of that kind: no contact */
    struct span name;              /* the contact's name, used if the contact is made */
    int64_t contact;               /* the contact, of this tenant, if already known; 0: found by the address */
    int64_t parent;                /* the interaction of this tenant that this one answers; 0: none */
    const struct span *references; /* Message-IDs, the nearest last, by which the thread is found */
    size_t reference_count;
    int64_t received;
    uint64_t journal;             /* journal of the core that will get the interaction; 0: not known */
    struct store_message message; /* the first message; there is none if text, subject, msg_id and parts are empty */
};

struct store_key {
    int64_t interaction, contact, thread, parent; /* 0: none */
    bool known; /* true: the interaction was already stored under its external id, and was left as it is */
};

/* Stores an interaction with its first message, all or nothing. An interaction that is already stored under its
 * external id with the same content is left as it is. If the stored one differs (in address, direction, subject,
 * text or files), the new one is stored under a name of its own, made of external id and content: nothing is lost,
 * and store_odd() reports it. */
bool store_put(struct store *, const struct store_arrival *, struct store_key *, struct error *);
/* Stores a further message of an interaction: a line of the transcript, a note. `*n` is its place; a message whose
 * msg_id the interaction already has keeps its first place. Another text under that msg_id is another message, and
 * store_odd() reports it. For an interaction that was erased meanwhile only the time, the role and a digest of the
 * msg_id are stored. */
bool store_say(struct store *, int64_t interaction, const struct store_message *, int64_t *n, struct error *);
/* Finds the newest interaction of this medium and address that has the message of this name. `*interaction` 0: there is
 * none. */
bool store_said_in(struct store *, const char *tenant, const char *media, struct span address, struct span msg_id,
                   int64_t *interaction, struct error *);
/* Begin and end a group: messages of store_say() between the two become durable together, at the end; if that fails
 * none of them is stored. */
bool store_group_begin(struct store *, struct error *);
bool store_group_end(struct store *, struct error *);
/* Returns the store's connection, for tables that a plugin has in the same database: statements over it belong to
 * the store's groups. */
struct sql *store_sql(struct store *);

/* True: `kept`, an outside name as the store shows it, is the name `name`. The store shows an erased name as a
 * digest. */
bool store_same_name(struct span kept, struct span name);
enum { STORE_ERASED_NAME = 72 };
void store_erased_name(struct span name, char erased[STORE_ERASED_NAME]); /* makes that digest */

/* Returns a sentence for the log about the last store_put() or store_say(), which succeeded: another message or
 * interaction had the same name. NULL: there was none, or the sentence has already been returned. */
const char *store_odd(struct store *);

/* Stores a part in pieces and returns its number, for store_part.upload; 0 with the reason. A part that no message
 * ever names is removed by store_tidy(). */
int64_t store_upload_bytes(struct store *, const struct store_part *, struct span, int64_t now, struct error *);

/* Stores `ixn`, the router's id of the interaction, once it is submitted. `journal`: the number of the core's
 * journal, which gcx_adapter.h gives: ids of another journal mean other interactions; 0: not known. */
bool store_submitted(struct store *, int64_t interaction, uint64_t journal, const char *ixn, struct error *);
/* Stores the agent who handled the interaction, its result and its end. `ended` 0: it goes on, and only the agent is
 * stored. An interaction ends once: a later call does not change the time of the end. */
bool store_ended(struct store *, int64_t interaction, const char *agent, const char *result, int64_t ended,
                 struct error *);
/* Stores that the router has ended the interaction: its result and its end, if these are not stored yet. */
bool store_over(struct store *, int64_t interaction, const char *result, int64_t ended, struct error *);
/* Stores the result of message `n`, a mail of ours: accepted, failed, or "" if it goes on; an empty `text`: the
 * message's text stays. */
bool store_told(struct store *, int64_t interaction, int64_t n, const char *result, struct span text, struct error *);

/* Stores the result of a message that we have sent, which is found by the core's interaction: accepted, delivered,
 * failed or expired. The result `unknown` is stored before the message is sent. A delivered message stays delivered; a
 * message that is not in the store is ignored. */
bool store_delivered(struct store *, uint64_t journal, const char *ixn, const char *msg_id, const char *result,
                     struct error *);

/* ---- the calls at agents' telephones ---- */

struct store_ring { /* a call at an agent's telephone */
    const char *tenant, *agent;
    struct span external_id; /* the call's name, as its interaction has it */
    struct span number;      /* of the other side; empty: not known */
    struct span wrapup;      /* the wrap-up code that is known already; empty: none */
    bool outbound, inside;   /* inside: with a colleague */
    bool wraps;              /* its agent is asked for a code and a note when it is over */
    int64_t at;              /* when what is stored happened */
};
/* Stores that the call rings, or is dialled. One that is there stays; one that had ended, and comes back, goes on. The
 * agent's oldest calls beyond STORE_RINGS_MAX go, except those with which the agent is not done. */
bool store_ring(struct store *, const struct store_ring *, struct error *);
bool store_ring_answered(struct store *, const struct store_ring *, struct error *);
/* Stores the end of the call at this telephone, once. `outcome`: of one that was not answered. */
bool store_ring_over(struct store *, const struct store_ring *, const char *outcome, struct error *);

struct store_ring_wrapped { /* what an agent says of a call that is over */
    const char *tenant, *agent;
    int64_t ring;
    struct span wrapup, note; /* both replace what was said before; empty: nothing */
    int64_t done;             /* when the agent was done; 0: not yet */
};
struct store_ring_key {
    char external_id[STORE_EXTERNAL_MAX + 1];
};
/* Stores it; `key` gets the call's name. False (ERROR_UNKNOWN): the agent has no such call, it goes on, or the agent
 * is done with it. A note about a call whose contact was erased is not kept. */
bool store_ring_wrapped(struct store *, const struct store_ring_wrapped *, struct store_ring_key *key, struct error *);

struct store_ring_shown {
    int64_t ring, contact; /* contact 0: the number is no contact's */
    bool inside;
    int64_t began, answered, ended, done; /* 0: not */
    struct span external_id, direction, number, name, outcome, wrapup, note;
    struct span agents; /* all who have had the call, as of struct store_shown */
};
typedef void store_each_ring(void *self, const struct store_ring_shown *);
/* Lists the agent's calls, the newest first. `before`: only those with a smaller number; 0: from the newest. */
bool store_rings(struct store *, const char *tenant, const char *agent, int64_t before, unsigned limit,
                 store_each_ring *, void *self, struct error *);
/* Lists the calls that are over and with which the agent is not done. */
bool store_rings_unwrapped(struct store *, const char *tenant, const char *agent, store_each_ring *, void *self,
                           struct error *);
/* Lists the names, and no more, of the agent's calls that have no end. */
bool store_rings_open(struct store *, const char *tenant, const char *agent, store_each_ring *, void *self,
                      struct error *);

struct store_favourite {
    const char *tenant, *agent, *kind; /* kind: agent, queue, number */
    struct span name, shown;
    int64_t made;
};
/* Stores a favourite of the agent, or removes it. False (ERROR_LIMIT): the agent has STORE_FAVOURITES_MAX. */
bool store_favourite(struct store *, const struct store_favourite *, bool on, struct error *);
typedef void store_each_favourite(void *self, struct span kind, struct span name, struct span shown);
bool store_favourites(struct store *, const char *tenant, const char *agent, store_each_favourite *, void *self,
                      struct error *);

/* ---- colleagues who are named in notes ---- */

struct store_mention { /* an agent is named in a note of an interaction */
    const char *tenant, *agent, *by;
    int64_t interaction, at;
    struct span note;    /* the note's name, its msg_id */
    struct span text;    /* of the note */
    struct span draft;   /* an answer that is not sent yet; empty: none */
    struct span verdict; /* approved or changed, of the draft; empty: its reader is asked */
};
/* Stores it; one that is there stays. Where the interaction is erased, nothing is kept. */
bool store_mention(struct store *, const struct store_mention *, struct error *);
struct store_mention_shown {
    int64_t mention, interaction, at;
    int64_t contact; /* whose history has the interaction; 0: nobody's, as where an address was only typed */
    struct span by, text, draft, verdict, media, external_id, subject, name; /* name: the contact's */
};
typedef void store_each_mention(void *self, const struct store_mention_shown *);
/* Lists what the agent has not seen yet, the newest first. */
bool store_mentions(struct store *, const char *tenant, const char *agent, store_each_mention *, void *self,
                    struct error *);
/* Gives that one of the agent's, seen or not; nothing where the agent has no such one. */
bool store_mention_one(struct store *, const char *tenant, const char *agent, int64_t mention, store_each_mention *,
                       void *self, struct error *);
/* The agent has seen it. False (ERROR_UNKNOWN): the agent has no such one. */
bool store_mention_seen(struct store *, const char *tenant, const char *agent, int64_t mention, int64_t now,
                        struct error *);

/* ---- whose interactions they are ---- */

/* Several cores may use one store. A core leaves an interaction alone if its journal is that of another selection
 * domain, or of another running core. An interaction of the same domain whose core no longer runs belongs to a state
 * that was lost: a core of that domain takes it over. A core of an older program never calls store_serve(): its
 * domain is then the number with which its interactions' ids begin. */
enum { STORE_LEASE_S = 10 };
/* Notes that the core with this journal is running, for the next STORE_LEASE_S seconds by the clock of the database.
 * An earlier journal for which this handle called it counts as lost. store_close() ends it. */
bool store_serve(struct store *, uint64_t journal, unsigned domain, struct error *);
/* Notes that the core with this journal has ended, or that its state was lost. */
bool store_leave(struct store *, uint64_t journal, struct error *);

struct store_served {
    uint64_t journal;
    unsigned domain; /* 0: not known */
    int64_t until;   /* microseconds since 1970 UTC */
    bool lives;
};
typedef void store_each_served(void *self, const struct store_served *);
/* Lists all cores that have worked with the store, the newest last. */
bool store_all_served(struct store *, store_each_served *, void *self, struct error *);
/* Finds out whether another core of the same domain is running. */
bool store_has_twin(struct store *, uint64_t journal, bool *twin, struct error *);

/* ---- finding ---- */

/* Find an interaction: by its external id; or by References, one of which is a message of the interaction, tried
 * from the last to the first. `interaction` 0: there is none. */
bool store_by_external(struct store *, const char *tenant, const char *media, struct span external_id,
                       struct store_key *, struct error *);
bool store_by_reference(struct store *, const char *tenant, const char *media, const struct span *references,
                        size_t count, struct store_key *, struct error *);

enum { STORE_NAMED_MAX = 50 };
struct store_named { /* whose an interaction is */
    struct span external_id, name;
    int64_t contact, thread; /* 0: none; a contact whose address was only typed is none */
};
typedef void store_each_named(void *self, const struct store_named *);
/* Finds whose the interactions with these external ids are, at most STORE_NAMED_MAX, by one query. What the store does
 * not have is left out. */
bool store_named(struct store *, const char *tenant, const char *media, const struct span *external_ids, size_t count,
                 store_each_named *, void *self, struct error *);

struct store_shown { /* an interaction as lists show it */
    int64_t interaction, contact, parent, thread;
    int64_t received, ended, erased; /* 0: not */
    int64_t taken;                   /* since when `agent` has it; 0: not known, or nobody has */
    bool unverified;                 /* the customer has typed the address: the contact may be another person */
    int64_t messages, parts;
    uint64_t journal; /* the journal of the core that gave `ixn`; 0: not known */
    struct span tenant, media, external_id, direction, ixn, address, subject, agent, result;
    struct span excerpt; /* the beginning of the interaction's first text */
    struct span agents;  /* all who have had it, a line each, in the order in which they had it first */
    struct span mark;    /* the customer's mark for the service, as "4 of 5": the text of the message STORE_MARK */
};
#define STORE_MARK "gcx mark" /* msg_id of a message that the system writes, and that agents see */
/* The text of an e-mail that was merged into another one's work stands there as a line for agents, which is
 * "Merged: SUBJECT, from SENDER", an empty line, and the text. By these an erasing finds it. */
#define STORE_MERGED      "merged:" /* its msg_id begins so */
#define STORE_MERGED_FROM ", from "
#define STORE_MERGED_END  "\n\n"
typedef void store_each_interaction(void *self, const struct store_shown *);

/* The place where a list goes on: after the interaction that was shown last. All zero: the list begins with the
 * newest. */
struct store_page {
    int64_t received, interaction;
    int64_t contact; /* of a search: only what is this contact's; 0: anybody's */
    int64_t from;    /* of a history or search: only what came then or later */
    unsigned limit;  /* rows of a page, at most STORE_ROWS_MAX; 0: 50 */
};

bool store_interaction(struct store *, int64_t interaction, store_each_interaction *, void *self, struct error *);
/* Lists the contact's interactions of all media, the newest first; `page` is moved to the next page. */
bool store_history(struct store *, int64_t contact, struct store_page *page, store_each_interaction *, void *self,
                   struct error *);
/* Lists the interactions that answer this one and begin with this text. */
bool store_answers(struct store *, int64_t parent, struct span text, store_each_interaction *, void *self,
                   struct error *);
/* Lists all the interactions that answer this one. */
bool store_answering(struct store *, int64_t parent, store_each_interaction *, void *self, struct error *);
/* Lists the interactions of the medium that have not ended, in the order of their numbers, after `after`, at most
 * `limit`. Interactions of other running cores are left out; `journal` is that of the asking core (store_serve()).
 * 0: all are listed. */
bool store_unended(struct store *, const char *tenant, const char *media, uint64_t journal, int64_t after,
                   unsigned limit, store_each_interaction *, void *self, struct error *);
/* Lists interactions whose subject, or a text of theirs, has for each of `words` a word that begins with it; capital
 * letters and accents do not matter. The first words, or the last, may stand in the name of the contact instead.
 * Characters in `words` that belong to no word are ignored; if no word is left, nothing is listed. */
bool store_search(struct store *, const char *tenant, struct span words, struct store_page *page,
                  store_each_interaction *, void *self, struct error *);
/* Shows what is open under the core's number, of the core with this journal; nothing where there is none. */
bool store_by_ixn(struct store *, const char *tenant, uint64_t journal, struct span ixn, store_each_interaction *,
                  void *self, struct error *);

struct store_line { /* a message as a transcript shows it */
    int64_t n, at;
    struct span msg_id, role, sender, kind, visible, subject, text, result, of_id, about;
    int64_t taken_back; /* when the customer has taken the message back; its text and `about` are not shown; 0: not */
};
typedef void store_each_line(void *self, const struct store_line *);
/* Lists the messages after place `after`, at most `limit`; `all` false: without the messages that only agents see. What
 * a chat is about, before anybody has written, is no message. */
bool store_transcript(struct store *, int64_t interaction, int64_t after, unsigned limit, bool all, store_each_line *,
                      void *self, struct error *);

struct store_said { /* a line of a contact's thread: a message; `n` 0: a call, which has no message */
    int64_t at, interaction, n;
    int64_t ended, part; /* end of the interaction; number of the message's first file; 0: none */
    struct span media, direction, agent, outcome, address; /* of the interaction */
    struct span msg_id, role, sender, kind, visible, subject, text, result, part_type, part_name, of_id, about;
    int64_t taken_back; /* as of struct store_line */
    bool unverified;    /* as of struct store_shown */
    struct span agents; /* of a call: as of struct store_shown */
};
typedef void store_each_said(void *self, const struct store_said *);
/* Lists the contact's messages and calls of all media, the newest first; `page` is moved to the next page. */
bool store_thread(struct store *, int64_t contact, struct store_page *page, store_each_said *, void *self,
                  struct error *);

struct store_part_shown {
    int64_t part, interaction, message, n, length;
    struct span role, type, name, content_id, digest;
    bool taken_back; /* the customer has taken back the message that it belongs to */
};
typedef void store_each_part(void *self, const struct store_part_shown *);
bool store_parts(struct store *, int64_t interaction, store_each_part *, void *self, struct error *);
bool store_part(struct store *, int64_t part, store_each_part *, void *self, struct error *);
/* Reads the bytes of a part, one piece per call of `piece`, which returns false to end early. If the bytes do not
 * fit the stored digest, there is an error at the end. */
bool store_read(struct store *, int64_t part, bool (*piece)(void *self, struct span), void *self, struct error *);

/* ---- contacts ---- */

typedef void store_each_text(void *self, struct span kind, struct span name, struct span value);
struct store_contact {
    int64_t contact, made, merged_into, erased, changed;
    struct span tenant, name;
};
typedef void store_each_contact(void *self, const struct store_contact *);
/* Shows one contact; a merged one is shown as it is. */
bool store_contact(struct store *, int64_t contact, store_each_contact *, void *self, struct error *);
/* Finds the contact that has the address; 0: there is none. */
bool store_contact_at(struct store *, const char *tenant, enum store_kind, struct span address, int64_t *contact,
                      struct error *);
/* Lists the contact's addresses (kind, form, as shown) and then its fields ("field", name, value). */
bool store_details(struct store *, int64_t contact, store_each_text *, void *self, struct error *);
/* Lists the contacts whose name contains this text, or has a word beginning with each of its words, without regard to
 * accents, or that have an address beginning with it; telephone numbers are compared by their digits. */
bool store_contacts(struct store *, const char *tenant, struct span text, unsigned limit, store_each_contact *,
                    void *self, struct error *);
/* Sets a field of the contact, which standard responses use as contact.NAME. A name has letters, digits and _ only;
 * the name of a kind of address is refused. An empty value removes the field. */
bool store_field(struct store *, int64_t contact, struct span name, struct span value, int64_t now, struct error *);
/* Merges two contacts: the addresses and interactions of `other`, and its fields that `kept` lacks, are moved to
 * `kept`. */
bool store_merge(struct store *, int64_t kept, int64_t other, int64_t now, struct error *);

/* ---- what agents change of contacts ---- */

struct store_act { /* who does it, when, and to which contact */
    int64_t contact;
    int64_t changed; /* store_contact.changed as the agent has seen it: another one is refused (ERROR_STATE) */
    int64_t other;   /* store_act_merge(): the contact that becomes a part of `contact` */
    const char *agent;
    int64_t at;
};
struct store_change {
    enum { STORE_CHANGE_NAME, STORE_CHANGE_FIELD, STORE_CHANGE_ADD, STORE_CHANGE_REMOVE } what;
    const char *name;  /* of the field; of an address that is added or removed its kind */
    struct span value; /* the name, the field's value (empty: the field goes), the address */
};
/* Changes a contact, all or nothing. An address that another contact has is refused (ERROR_STATE). */
bool store_edit(struct store *, const struct store_act *, const struct store_change *, size_t count, struct error *);
/* Merges as store_merge() does; can be undone. */
bool store_act_merge(struct store *, const struct store_act *, struct error *);
/* Makes the interaction one of the contact's. The customer of a chat has to be verified before. */
bool store_act_link(struct store *, const struct store_act *, int64_t interaction, struct error *);
/* Undoes the last act of a contact; an act before the last one is refused (ERROR_STATE). Whatever has come since from
 * an address that was merged goes back with it. */
bool store_undo(struct store *, int64_t act, const char *agent, int64_t now, struct error *);

struct store_act_shown {
    int64_t act, other, at, undone; /* undone 0: it holds */
    struct span word, agent, undone_by;
    bool last; /* it can be undone */
};
typedef void store_each_act(void *self, const struct store_act_shown *);
/* Lists the contact's acts, the newest first, at most 20. */
bool store_acts(struct store *, int64_t contact, store_each_act *, void *self, struct error *);

/* ---- who has typed an address ---- */

/* The customer of a chat types an address into a page: the contact who has it may be another person. Until the customer
 * is verified, store_shown.unverified is true, and store_closed() closes that contact's history to whoever has the
 * chat, has had it, or has had a part in it. */

/* Notes that a token of the site names the customer. `digest`: of the token's own number; each holds once until
 * `until`, after which the caller refuses the token. `*verified`: whether the interaction is verified now. */
bool store_prove(struct store *, const char *tenant, int64_t interaction, const char *digest, int64_t until,
                 int64_t now, bool *verified, struct error *);
enum { STORE_CODE = 7 }; /* six digits, with the terminating zero */
/* Makes the code that is to be sent to the address of an interaction; it replaces the one before. ERROR_STATE: the
 * customer is verified, has typed no address, or the chat is over; ERROR_LIMIT: too many codes were sent. */
bool store_code_new(struct store *, int64_t interaction, int64_t now, char code[STORE_CODE], struct error *);
enum store_code_result { STORE_CODE_NONE, STORE_CODE_RIGHT, STORE_CODE_WRONG, STORE_CODE_SPENT };
/* Looks whether the customer's text is the code: NONE: no code is waited for, or the text does not look like a code.
 * After STORE_TRIES_MAX wrong codes the right one is refused, too (SPENT). `*tries`: how many texts were tried for this
 * code, including this one. */
bool store_code_try(struct store *, int64_t interaction, struct span text, int64_t now, enum store_code_result *,
                    int64_t *tries, struct error *);
enum { STORE_CLOSED_MAX = 64 };
/* Finds the contacts that are closed to the agent, `*count` of them: the agent has, or had a part in, an open chat
 * whose customer has typed an address of the contact and is not verified, and the agent has nothing else that is open
 * and came from the contact. Also while the chat lies in a queue again. */
bool store_closed(struct store *, const char *agent, int64_t contacts[STORE_CLOSED_MAX], size_t *count, struct error *);

/* ---- open work ---- */

/* Notes that the agent has the interaction, from `at` on; or no longer, if that agent has it. */
bool store_taken(struct store *, int64_t interaction, const char *agent, int64_t at, struct error *);
bool store_given_back(struct store *, int64_t interaction, const char *agent, struct error *);
/* Notes an agent who was asked about the interaction, or helped with it, while another agent has it. */
bool store_had(struct store *, int64_t interaction, const char *agent, struct error *);
/* Lists what is open of the contact, and of the thread (0: none), the oldest first, at most 20, without what has a
 * customer who is not verified. */
bool store_standing(struct store *, int64_t contact, int64_t thread, store_each_interaction *, void *self,
                    struct error *);
/* Lists what was written down after the interaction `after`, the oldest first, at most STORE_ROWS_MAX; 0: only the
 * newest one, with which such a list begins. */
bool store_came(struct store *, int64_t after, store_each_interaction *, void *self, struct error *);
/* Counts what we have begun with the contact, or in the thread (0: none), and what is not over yet: mails on their way,
 * calls. */
bool store_under_way(struct store *, int64_t contact, int64_t thread, int64_t *count, struct error *);

/* ---- who wants no messages, or no calls ---- */

/* There is one rule for all media: before a program sends to a customer it calls store_refuses(), directly before
 * sending. Calls count as the medium `voice`. */

struct store_refusal { /* an address that wants no messages or calls of a medium; texts may be empty */
    const char *tenant, *media;
    enum store_kind kind;
    struct span address;
    struct span own;  /* the address of ours from which nothing is wanted; empty: from none of ours */
    bool any_own;     /* for store_refuses(): a refusal to whichever address of ours counts */
    struct span word; /* the word that the customer wrote; empty: an agent has noted the refusal */
    int64_t since;
};
typedef void store_each_refusal(void *self, const struct store_refusal *);
/* Stores the refusal (`on`), or removes it. `*changed`, which may be NULL: whether this has changed something. */
bool store_refuse(struct store *, const struct store_refusal *, bool on, bool *changed, struct error *);
/* Finds out whether the address refuses messages or calls of the medium from `own`. */
bool store_refuses(struct store *, const struct store_refusal *, bool *refused, struct error *);
struct store_refusal_act {
    const char *media, *agent;
    bool noted;         /* true: the agent notes a refusal; false: takes one back */
    struct span reason; /* the reason; mandatory if the refusal is taken back */
    int64_t at;
};
typedef void store_each_refusal_act(void *self, const struct store_refusal_act *);
/* Stores an agent's refusal for all addresses of the contact, also those that a merge brings later, or removes the
 * refusals that agents have noted. An act that changes something is stored; after STORE_REFUSAL_ACTS_MAX acts for a
 * contact in a day no refusal can be taken back (ERROR_LIMIT). */
bool store_contact_refuse(struct store *, int64_t contact, const struct store_refusal_act *, struct error *);
/* Lists the contact's acts, the newest first, at most STORE_ROWS_MAX; and its refusals. */
bool store_refusal_acts(struct store *, int64_t contact, store_each_refusal_act *, void *self, struct error *);
bool store_refusals(struct store *, int64_t contact, store_each_refusal *, void *self, struct error *);

/* ---- forgetting ---- */

/* Erases name, addresses, fields, subjects, texts and parts of the contact and of the contacts merged into it.
 * Interactions keep their times and results; one that was erased before keeps the time of that erasing. `*count`
 * interactions are erased. */
bool store_erase(struct store *, int64_t contact, int64_t now, int64_t *count, struct error *);
/* Removes at most `limit` interactions of the tenant that ended before `before`, with all their data, and then the
 * tenant's contacts without interactions that were made before `before`; to be called until `*count` is 0. */
bool store_expire(struct store *, const char *tenant, int64_t before, unsigned limit, int64_t *count, struct error *);
/* Removes uploads that were begun before `before` and belong to no message. */
bool store_tidy(struct store *, int64_t before, int64_t *count, struct error *);
/* Checks the whole store: digests of parts, places of messages, the index of words. `fault` is called for each
 * fault. */
bool store_check(struct store *, void (*fault)(void *self, const char *text), void *self, struct error *);

/* ---- standard responses ---- */

struct store_response {
    int64_t response;
    struct span category, name, language, subject, text;
};
/* Stores many responses, all or none. `*wrong`: the index of the response that was refused; `*same`: the index of an
 * earlier one with the same category, name and language, else `*wrong`. */
bool store_responses_put(struct store *, const char *tenant, const struct store_response *, size_t count, int64_t now,
                         size_t *wrong, size_t *same, struct error *);
typedef void store_each_response(void *self, const struct store_response *);
/* Lists the responses of a category and of those below it; an empty category: all responses. `language` empty:
 * responses of all languages; else those of that language, and those of no language. */
bool store_responses(struct store *, const char *tenant, struct span category, struct span language,
                     store_each_response *, void *self, struct error *);
bool store_response(struct store *, int64_t response, store_each_response *, void *self, struct error *);

struct store_value {
    const char *name; /* agent.name */
    struct span value;
};
/* Writes `text` with its fields filled in (fill.h): contact.name, contact.email and the other kinds of addresses,
 * contact.FIELD, and the fields in `more`. A field that the contact does not have is unknown. `contact` 0: only
 * `more`. */
bool store_fill(struct store *, int64_t contact, struct span text, enum fill_place, const struct store_value *more,
                size_t count, struct out *, unsigned *unknown, struct error *);
/* `near`: the field that may have been meant, as {contact.name} without its braces; NULL: no field is similar. */
typedef void store_each_unknown(void *self, struct span name, const char *near);
/* Reports each field in a response's subject and text that no contact of the tenant has, and that therefore stays
 * unfilled. `agent`: the response is sent by agents, so fields with their names are filled in, too. */
bool store_unknown(struct store *, const char *tenant, const struct store_response *, bool agent, store_each_unknown *,
                   void *self, struct error *);
