"""What one of the two sides can't show, each with the reason: the only place where a case is left out."""
import re

# Cases that the real side can't be brought into, as nothing holds it there. They assert for themselves
# what research and Argo CD's code say, and have no recorded outcome.
NOT_ON_REAL = {
    "list_goes_back_in_time_between_replicas":
        "the lag of a server's informer can't be held; the case gives a replica of the simulator one",
    "compare_after_the_apply_reads_a_lagging_cache":
        "the controller's cache of the clusters lags by milliseconds, and nothing holds its watch alone",
    "applicationset_refresh_ends_with_an_older_pass":
        "a pass of the real controller can't be held between its reading and its end, so whether one is "
        "met there is chance; the code of 3.2.11 says what follows, and the model's pass can be held",
    "refresh_is_overlooked_when_a_patch_is_written_back":
        "the answer to the controller's patch is on its way for a millisecond or two, so whether a "
        "refresh is asked for meanwhile is chance (one in a few hundred was overlooked); the answers to "
        "the model's controller can be made slow",
}

# Cases of the real side that the model does not have.
NOT_ON_SIM = {}

# Quirks that no case can hold the model to, as they last for an instant that nobody can hold on either
# side. Argo CD's code says them, and the model's own tests.
WITHOUT_CASE = {}

# Paths of objects that the model leaves out, in what shape() shows.
NOT_MODELLED = {
    r"(^|.*\.)metadata\.managedFields": "who last wrote what: half of the bytes, read by nobody here",
    r"(^|.*\.)images\[\]": "the model's objects have no images",
    r"(^|.*\.)status\.summary": "nothing but the images, and links that tiphys doesn't show",
}
_NOT_MODELLED = re.compile("|".join(f"(?:{pattern})$" for pattern in NOT_MODELLED))


def is_modelled(path):
    return not _NOT_MODELLED.match(path)
