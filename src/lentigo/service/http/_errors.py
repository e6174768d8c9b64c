"""Every refusal of the service, with the code, the status and the sentence that the caller gets.

Codes are stable: programs may rely on them. Which one comes when: docs/serving.md.
"""

from typing import Any, ClassVar

from lentigo.errors import LentigoError


class ServiceError(LentigoError):
    """A request that gets no answer; `code` and `status` say which kind, the text what to do about it.

    Example:
        >>> Busy("64 images wait already. Try again.").json()["error"]["code"]
        'busy'
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500

    @property
    def retry_after_s(self) -> int | None:
        """After how many seconds another try makes sense; None where it does not."""
        return 1 if self.status == 503 else None

    def json(self) -> dict[str, Any]:
        """Return what stands in the body of the response."""
        return error_json(self.code, str(self), self.status)


def error_json(code: str, message: str, status: int) -> dict[str, Any]:
    """Return the body of an error response."""
    return {"schema_version": 1, "error": {"code": code, "message": message, "status": status}}


class BadRequest(ServiceError):
    """A body or parameter that cannot be understood."""

    code, status = "bad_request", 400


class NoImage(ServiceError):
    """A form without the image it needs."""

    code, status = "no_image", 422


class TooManyImages(ServiceError):
    """More images than one request may hold, or fewer than it needs."""

    code, status = "too_many_images", 422


class UnsupportedMediaType(ServiceError):
    """A body of another type."""

    code, status = "unsupported_media_type", 415


class BodyTooLarge(ServiceError):
    """More bytes than one request may hold."""

    code, status = "body_too_large", 413


class BadPrevalence(ServiceError):
    """A prevalence that is not a share."""

    code, status = "bad_prevalence", 422


class BadColumn(ServiceError):
    """A value beside the photograph that the bundle cannot use."""

    code, status = "bad_column", 422


class NoLesionRule(ServiceError):
    """Several photographs of a lesion for a bundle that cannot join them."""

    code, status = "no_lesion_rule", 422


class ImageRefused(ServiceError):
    """The one image of a request cannot be decoded; the code is that of the `ImageError`."""

    status = 422

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.image_code = code

    def json(self) -> dict[str, Any]:
        """Return what stands in the body of the response."""
        return error_json(self.image_code, str(self), self.status)


class Unauthorized(ServiceError):
    """No token, or another one."""

    code, status = "unauthorized", 401


class CrossOrigin(ServiceError):
    """A request that another web site made a browser send."""

    code, status = "cross_origin", 403


class HostRefused(ServiceError):
    """A request for a host name that the service does not go by."""

    code, status = "host_not_allowed", 421


class NotFound(ServiceError):
    """No such path."""

    code, status = "not_found", 404


class MethodNotAllowed(ServiceError):
    """A path that exists, asked in another way."""

    code, status = "method_not_allowed", 405


class DriftOff(ServiceError):
    """The drift log is not switched on."""

    code, status = "drift_off", 404


class Busy(ServiceError):
    """The queue is full."""

    code, status = "busy", 503


class WorkerLost(ServiceError):
    """The process that decoded the image died, or took too long and was ended."""

    code, status = "worker_lost", 503


class Draining(ServiceError):
    """The service is about to end."""

    code, status = "draining", 503


class SlowBody(ServiceError):
    """The body of the request did not come in time."""

    code, status = "slow_body", 408


class TimedOut(ServiceError):
    """The answer took too long."""

    code, status = "timed_out", 503


class LogUnavailable(ServiceError):
    """An answer that has to be logged cannot be."""

    code, status = "log_unavailable", 503
