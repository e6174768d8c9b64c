"""A bundle on the Hugging Face Hub: `push` puts its files beside a README.md with front matter, `pull` brings them.

Only the files that bundle.json names are brought, from one commit, and the folder gets its name when `open_model` has
verified it like any other bundle: a repository is not trusted more than a folder from a stranger.
"""

import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lentigo.errors import ConfigError, HubError, MissingExtraError
from lentigo.model._bundle import BundleParts
from lentigo.model._files import KNOWN_FILES, RECORD, refuse_inside_bundle
from lentigo.model._hub_card import render_readme
from lentigo.model._opening import open_model
from lentigo.model._runtime import Model
from lentigo.storage import new_folder, read_json

logger = logging.getLogger(__name__)

README: Final = "README.md"
_UNREACHED: Final = "the Hugging Face Hub cannot be reached. Check the network, or HF_ENDPOINT."
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


@dataclass(frozen=True, slots=True)
class PushedBundle:
    """Where a bundle lies on the Hub.

    Args:
        repository: owner/name.
        address: of its page.
        commit: that holds it; `pull` with this revision brings exactly these files.
        is_private: whether only its owner can see it.

    Example:
        >>> PushedBundle("anna/skin", "https://example.org/anna/skin", "0a1b", True).repository
        'anna/skin'
    """

    repository: str
    address: str
    commit: str
    is_private: bool


def push(
    bundle: str | Path, repository: str, *, public: bool = False, message: str = "", endpoint: str | None = None
) -> PushedBundle:
    """Return where the bundle was put: its files, and a README.md with the model card and its front matter.

    The token is the one that `hf auth login` or HF_TOKEN has set. A repository that is not there is made, private
    unless `public`; one that is there keeps its visibility.

    Args:
        bundle: a bundle folder; it is verified first.
        repository: owner/name.
        public: let everyone see a repository that is made.
        message: of the commit.
        endpoint: address of another hub.

    Raises:
        ConfigError: the name is not owner/name.
        HubError: the Hub cannot be reached, or refuses.
        MissingExtraError: huggingface_hub is not installed.

    Example:
        >>> push("bundle", "no-owner")
        Traceback (most recent call last):
        ...
        lentigo.errors.ConfigError: 'no-owner' is not a repository. Write it as owner/name, such as anna/skin-lesions.
    """
    _check_name(repository)
    folder = Path(bundle)
    parts = BundleParts.read(folder)
    open_model(folder)
    api = _api(endpoint)
    with tempfile.TemporaryDirectory(prefix="lentigo-push-") as scratch, _told(repository):
        for path in sorted(folder.iterdir()):
            shutil.copy(path, scratch)
        Path(scratch, README).write_text(render_readme(parts.record, parts.card, repository), encoding="utf-8")
        made = api.create_repo(repository, private=not public, exist_ok=True)
        commit = api.upload_folder(
            repo_id=repository,
            folder_path=scratch,
            commit_message=message or f"lentigo bundle {parts.record.name}",
            delete_patterns=sorted(KNOWN_FILES),  # of an earlier bundle: a folder with other files is not a bundle
        )
        about = api.model_info(repository)
    return PushedBundle(repository, str(made), str(commit.oid), bool(about.private))


def pull(
    repository: str,
    out: str | Path,
    *,
    revision: str = "main",
    force: bool = False,
    endpoint: str | None = None,
) -> Model:
    """Return the model of a repository, after writing its bundle to `out` and verifying it.

    Args:
        repository: owner/name.
        out: folder to make.
        revision: branch, tag or commit.
        force: overwrite a bundle that stands there.
        endpoint: address of another hub.

    Raises:
        BundleError: what lies there is not a bundle, or was altered; nothing is written.
        ConfigError: the name is not owner/name.
        HubError: the Hub cannot be reached, or has no such repository or revision.
        MissingExtraError: huggingface_hub is not installed.

    Example:
        >>> pull("https://example.org", "bundle")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        lentigo.errors.ConfigError: 'https://example.org' is not a repository. Write it as owner/name, such as ...
    """
    _check_name(repository)
    place = Path(out)
    refuse_inside_bundle(place)
    api = _api(endpoint)
    with tempfile.TemporaryDirectory(prefix="lentigo-pull-") as scratch:
        with _told(repository):
            commit = str(api.model_info(repository, revision=revision).sha)

        def bring(name: str) -> Path:
            with _told(repository):
                return Path(api.hf_hub_download(repository, name, revision=commit, cache_dir=scratch))

        listed = read_json(bring(RECORD), error=HubError).get("files")
        if not isinstance(listed, dict) or not set(listed) <= set(KNOWN_FILES):
            raise HubError(
                f"{repository} does not hold a lentigo bundle: its {RECORD} lists no files, or invalid names."
            )
        with new_folder(place, force=force) as partial:
            for name in (RECORD, *sorted(listed)):
                shutil.copyfile(bring(name), partial / name)
            open_model(partial)  # hashes, seal, known answer: what is not whole gets no name
    logger.info("%s at commit %s is verified and lies in %s.", repository, commit[:12], place)
    return open_model(place)


def _check_name(repository: str) -> None:
    if not _NAME.fullmatch(repository) or ".." in repository or "--" in repository:
        raise ConfigError(f"{repository!r} is not a repository. Write it as owner/name, such as anna/skin-lesions.")


def _api(endpoint: str | None) -> Any:
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise MissingExtraError("huggingface_hub", extra="hub", purpose="talk to the Hugging Face Hub") from error
    return HfApi(endpoint=endpoint, library_name="lentigo")


@contextmanager
def _told(repository: str) -> Iterator[None]:
    """Turn what the client raises into one sentence.

    Raises:
        HubError: the client failed.
    """
    from huggingface_hub.errors import (  # type: ignore[attr-defined]  # HTTPError is of the client that it uses
        EntryNotFoundError,
        HfHubHTTPError,
        HTTPError,
        LocalEntryNotFoundError,
        LocalTokenNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        yield
    except RepositoryNotFoundError as error:
        raise HubError(
            f"{repository} is not on the Hub, or not for this token. Check the name, or log in with 'hf auth login'."
        ) from error
    except RevisionNotFoundError as error:
        raise HubError(f"{repository} has no such revision. Name a branch, a tag or a commit that exists.") from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        raise HubError(_UNREACHED) from error
    except EntryNotFoundError as error:
        raise HubError(f"{repository} lacks a file of a lentigo bundle. Push the bundle again.") from error
    except LocalTokenNotFoundError as error:
        raise HubError("the Hub needs a token. Log in with 'hf auth login', or set HF_TOKEN.") from error
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "?")
        wanted = " Log in with 'hf auth login', with a token that may write." if status in {401, 403} else ""
        raise HubError(f"the Hub refused {repository} (HTTP {status}).{wanted}") from error
    except HTTPError as error:  # of the transport
        raise HubError(_UNREACHED) from error
