/* runtime/adapters/sip/ua/dialog.h - A dialog: two tags, a Call-ID, the route to the peer (RFC 3261, section 12).
 *
 *     an INVITE goes out:   dialog_new() --- its 200 ---> dialog_establish()
 *     an INVITE comes:      dialog_accept()
 *     a Contact changes:    dialog_follow()
 *
 * A request outside of any call has a dialog, too, for its addresses, its Call-ID and its number. */
#pragma once

#include "runtime/adapters/sip/ua/ua.h"

struct dialog {
    char *call_id;
    char own_tag[UA_WORD];
    char *peer_tag; /* NULL: the peer's tag is not known yet */
    char *target;   /* where the peer itself is */
    char *perhaps;  /* the URI where the peer may be instead; NULL: none */
    char *routes;   /* lines of Route; "": there is no proxy between */
    char *first;    /* the URI where the first proxy is reached; NULL: the target itself is reached */
    char *strict;   /* the first proxy's URI, if that is a strict router (RFC 2543); NULL: it is none */
    char *to, *from;
    uint32_t own_number, peer_number; /* CSeq: of our next request, of the peer's last one */
};

/* `name`: NULL: none. `route`: the URI of a proxy; NULL: none. */
struct dialog *dialog_new(const char *target, const char *to, const char *name, const char *from, const char *route);
/* NULL: the INVITE has no Contact that can be read. */
struct dialog *dialog_accept(struct ua *, const struct sip_msg *invite);
/* The dialog of a second 200 to an INVITE of ours, for its end. */
struct dialog *dialog_of_fork(struct ua *, const struct sip_msg *answer);
/* False: the answer has no Contact that can be read. Requests go to where it came from. */
bool dialog_establish(struct ua *, struct dialog *, const struct sip_msg *answer);
void dialog_follow(struct ua *, struct dialog *, const struct sip_msg *);
/* Moves the dialog's peer from the address `from` to the way, for sure or perhaps. False: the peer was not reached at
 * `from`. */
bool dialog_move(struct ua *, struct dialog *, const struct sa *from, const struct way *, bool surely);
/* Takes `perhaps` as the target. False: there is none. */
bool dialog_go_elsewhere(struct dialog *);
void dialog_free(struct dialog *); /* NULL: nothing */
bool dialog_is(const struct dialog *, const struct sip_msg *);
/* False: the request is older than one that came before. */
bool dialog_counts(struct dialog *, const struct sip_msg *request);
/* The URI where its requests are sent. */
const char *dialog_next(const struct dialog *);
/* The URI that its requests are for: the target, or a strict router, which the target stands behind as the last Route
 * (RFC 3261, section 12.2.1.1). */
const char *dialog_uri(const struct dialog *);
/* All lines of Route. */
void dialog_print_routes(struct mbuf *, const struct dialog *);
/* Route, To, From, Call-ID; CSeq with the dialog's next number, or where it is not 0, with that one. */
void dialog_print(struct mbuf *, struct dialog *, const char *method, uint32_t number);
