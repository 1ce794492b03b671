/* runtime/studio/draft.h - What a person writes: the draft, its way to a review, and from there to all.
 *
 *     save ... save        commits of refs/heads/drafts/NAME; the first is made upon HEAD
 *     propose              refs/heads/reviews/NAME is the draft's commit
 *     approve              another person has it merged into HEAD's branch; draft and review are gone
 *     decline, discard     the review is gone; the draft is gone
 *
 * Four eyes: who has written a commit of the review, or has proposed it, cannot approve it. A commit's author says who
 * has written it, and the console alone makes these commits; what people push by themselves is theirs to guard. */
#pragma once

#include "runtime/studio/repository.h"

/* The address by which a commit names a person of the console; g_free. */
char *studio_address(const char *name);
/* Saves a file of the draft, or removes it where `text` is NULL. `seen`: the id of the file that the person has
 * changed,
 * "" of a new file; where it is another one meanwhile, the error is ERROR_STATE. Returns {commit, id}. */
json_t *studio_save(git_repository *, const struct studio_person *, const char *path, const char *text,
                    const char *seen, const char *message, struct error *);
/* What a person has chosen for files in which draft and publication contradict each other; all is borrowed. It counts
 * while both are the commits that the person has seen. */
struct studio_choices {
    const json_t *by_path; /* `mine`, or `published`; NULL: nothing is chosen */
    const char *draft, *published;
};
/* Takes what is published into the person's draft. Returns {both}: the strategies in which both have changed the same
 * lines, and which have both texts now. Where other files contradict each other and nothing is chosen for them, nothing
 * is changed, and it returns {choose, draft, published}: the files as rows {path, what}, and the commits. `what`:
 *
 *     lines               both have changed the same lines: those are of one side, all other lines of both
 *     file                both have changed it, and it is no text, or too long: it is of one side
 *     removed_by_others   the person has changed it
 *     removed_by_me       others have changed it
 *     folder              it is a file of one side and a folder of the other: there is no choice, but another name */
json_t *studio_update(git_repository *, const struct studio_person *, const struct studio_choices *, struct error *);
/* Forgets the person's draft, or review. True also where there is none. */
bool studio_forget(git_repository *, const char *kind, const char *person, struct error *);
/* Asks for approval of the draft as it is now, under the title; "": under the words of its last change. */
bool studio_propose(git_repository *, const struct studio_person *, const char *title, struct error *);
/* The reviews that are open: {by, commit, message, at_ms, mine}. `mine`: the person may not approve it by four eyes. */
json_t *studio_reviews(git_repository *, const struct studio_person *, struct error *);
/* Ends the review of `by`, if its commit is `commit` still. */
bool studio_decline(git_repository *, const char *by, const char *commit, struct error *);
/* Merges the review of `by` into HEAD's branch, if its commit is `commit` still, and gcxc finds no error in both
 * together. Returns {commit}. */
json_t *studio_approve(git_repository *, const struct studio_person *, const char *by, const char *commit,
                       bool four_eyes, int stop, struct error *);
