"""One call to the trainer service: bounded in time and size, to one origin, never redirected."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from muster.plugin_api import CompositionError
from muster.ports.entropy import Entropy
from muster.ports.observation import Answered, CallActivity, Observer, Watch
from muster.ports.unobserved import UNOBSERVED
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.failures import CallFailed, FailureKind
from muster_trainer_http.retries import retried, wait_asked_for
from muster_trainer_http.settings import TrainerHttpSettings

__all__ = ["TrainerServiceClient"]

_PEER = "trainer_service"
_CHUNK_BYTES = 65_536
_PASSING_STATUSES = frozenset({429, 502, 503, 504})


class TrainerServiceClient:
    """GETs from the configured trainer service, over one pool of connections."""

    def __init__(
        self,
        url: str,
        settings: TrainerHttpSettings,
        entropy: Entropy,
        activity: DirectoryActivity,
        observer: Observer = UNOBSERVED,
    ) -> None:
        """Take the settings; nothing is opened before ``opened``.

        Args:
            url: Where the service is, as the settings checked it.
            settings: The limits of a call.
            entropy: Spreads retries.
            activity: Where calls are counted.
            observer: Looks on while the service is called.
        """
        self._base_url = URL(url.rstrip("/") + "/")
        self._settings = settings
        self._entropy = entropy
        self._activity = activity
        self._observer = observer
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold the pool open."""
        settings = self._settings
        headers = {
            "Accept": "application/json",
            # What is not compressed cannot grow after it was counted.
            "Accept-Encoding": "identity",
        }
        if settings.token is not None:
            headers["Authorization"] = f"Bearer {settings.token}"
        async with aiohttp.ClientSession(
            self._base_url,
            connector=aiohttp.TCPConnector(limit=settings.pool_size),
            timeout=aiohttp.ClientTimeout(
                total=settings.page_seconds, sock_connect=settings.connect_seconds
            ),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        ) as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None

    async def get(self, path: str, query: Mapping[str, str], template: str | None = None) -> bytes:
        """Make one call of a question, retried as needed; return the body of its 200. A query.

        Args:
            path: Below the configured URL, without a leading slash.
            query: The parameters, not yet quoted.
            template: The path with names for what varies, where anything does.

        Raises:
            CallFailed: There is no complete 200 within the limits of time and size.
        """

        async def call() -> bytes:
            self._activity.calls += 1
            return await self._get(path, query, template or path)

        return await retried(call, self._settings, self._entropy)

    async def check_health(self) -> None:
        """Ask ``/health``, once: the next check comes soon enough. A query.

        Raises:
            CallFailed: It does not answer 200.
        """
        await self._get("health", {}, "health")

    async def _get(self, path: str, query: Mapping[str, str], template: str) -> bytes:
        with self._observer.observing(CallActivity(_PEER, "GET", template)) as watch:
            return await self._called(path, query, watch)

    async def _called(self, path: str, query: Mapping[str, str], watch: Watch) -> bytes:
        if self._session is None:
            raise CompositionError(
                "The trainer service was asked before the app was started or after it ended."
            )
        traced = watch.trace_context
        try:
            async with self._session.get(
                path,
                params=query,
                headers=None if traced is None else {"traceparent": traced},
                allow_redirects=False,
            ) as response:
                watch.note(Answered(response.status))
                return await self._body_of(response)
        except aiohttp.ConnectionTimeoutError:
            raise CallFailed(
                FailureKind.TIMEOUT, "cannot be reached in time", passing=True
            ) from None
        except TimeoutError:
            raise CallFailed(FailureKind.TIMEOUT, "did not answer in time") from None
        except aiohttp.ClientPayloadError:
            raise CallFailed(FailureKind.CONNECTION, "broke its answer off", passing=True) from None
        except aiohttp.ClientResponseError:
            raise CallFailed(FailureKind.NOT_THE_CONTRACT, "did not answer in HTTP") from None
        except aiohttp.ClientSSLError:
            raise CallFailed(FailureKind.CONNECTION, "cannot be reached over TLS") from None
        except (aiohttp.ClientConnectionError, OSError):
            raise CallFailed(FailureKind.CONNECTION, "cannot be reached", passing=True) from None
        except aiohttp.ClientError:
            raise CallFailed(FailureKind.CONNECTION, "cannot be reached") from None

    async def _body_of(self, response: aiohttp.ClientResponse) -> bytes:
        if 300 <= response.status < 400:
            raise CallFailed(FailureKind.REDIRECT, "pointed elsewhere, which is not followed")
        if response.status != 200:
            raise CallFailed(
                FailureKind.STATUS,
                f"answered {response.status}",
                passing=response.status in _PASSING_STATUSES,
                retry_after=wait_asked_for(response.headers),
            )
        limit = self._settings.max_body_bytes
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > limit:
                response.close()
                raise CallFailed(FailureKind.TOO_LARGE, f"sent more than {limit} bytes")
        return bytes(body)
