"""Our CSI server and registration, driven by gRPC's own Python library as kubelet drives them."""
import contextlib
import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from peers.process import Program, wait_until
from stubs import Stubs, make

TOKENS = "csi.storage.k8s.io/serviceAccount.tokens"
CODES = [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]


@pytest.fixture(scope="module", autouse=True)
def _stubs(session_folder):
    make(session_folder)


class Driver:
    """The judge program and what kubelet would have of it."""

    def __init__(self, binaries, folder, threads=8, queue=100, stop_ms=5000, endpoint=None):
        self.socket = os.path.join(folder, "csi.sock")
        self.registration_socket = os.path.join(folder, "secrets-store.csi.k8s.io-reg.sock")
        self.program = Program([binaries.judge("csi"), endpoint or f"unix://{self.socket}", folder,
                                str(threads), str(queue), str(stop_ms)], name="csi_judge")
        self.endpoint = self.events("listening", 1)[0]["endpoint"]
        self.pb = Stubs("csi")
        self._channels = []
        self.channel = self.dial(self.endpoint.removeprefix("tcp://"))
        self.node = self.pb.services.NodeStub(self.channel)
        self.identity = self.pb.services.IdentityStub(self.channel)

    def dial(self, target, **options):
        channel = grpc.insecure_channel(target, options=[
            ("grpc.use_local_subchannel_pool", 1), *options.items()])
        self._channels.append(channel)
        return channel

    def events(self, name, count):
        """The first so many events of that name, once they have come."""
        def found():
            all_events = [json.loads(line) for line in list(self.program.lines)
                          if line.startswith("{")]
            return [event for event in all_events if event["event"] == name]
        wait_until(lambda: len(found()) >= count, f"{count} events '{name}'")
        return found()

    def request(self, **changes):
        fields = {"volume_id": "csi-1", "target_path": "/pods/1/mount", "readonly": True,
                  "volume_capability": {"mount": {}, "access_mode": {"mode": 3}},
                  "volume_context": {"secretProviderClass": "shop"}, **changes}
        return self.pb.NodePublishVolumeRequest(**fields)

    def publish(self, timeout=20, behave=None, volume="csi-1", **context):
        context = {"behave": behave or "", **context}
        return self.node.NodePublishVolume.future(
            self.request(volume_id=volume, volume_context=context), timeout=timeout)

    def stop(self):
        for channel in self._channels:
            channel.close()
        self.program.stop()


@pytest.fixture
def drive(binaries, folder):
    with contextlib.ExitStack() as stack:
        def start(**options):
            driver = Driver(binaries, folder, **options)
            stack.callback(driver.stop)
            return driver
        yield start


def refusal(call):
    with pytest.raises(grpc.RpcError) as refused:
        call()
    return refused.value.code(), refused.value.details()


def test_identity_and_node_say_what_a_node_only_driver_is(drive):
    driver = drive()
    pb = driver.pb
    info = driver.identity.GetPluginInfo(pb.GetPluginInfoRequest())
    assert info.name == "secrets-store.csi.k8s.io" and info.vendor_version
    none = driver.identity.GetPluginCapabilities(pb.GetPluginCapabilitiesRequest())
    assert not none.capabilities
    assert driver.identity.Probe(pb.ProbeRequest()).ready.value
    assert driver.node.NodeGetInfo(pb.NodeGetInfoRequest()).node_id == "node1"
    rpc = pb.NodeServiceCapability.RPC
    told = driver.node.NodeGetCapabilities(pb.NodeGetCapabilitiesRequest()).capabilities
    assert [one.rpc.type for one in told] == [rpc.GET_VOLUME_STATS, rpc.VOLUME_MOUNT_GROUP]
    for call, request in ((driver.node.NodeStageVolume, pb.NodeStageVolumeRequest()),
                          (driver.node.NodeUnstageVolume, pb.NodeUnstageVolumeRequest()),
                          (driver.node.NodeExpandVolume, pb.NodeExpandVolumeRequest())):
        assert refusal(lambda c=call, r=request: c(r))[0] == grpc.StatusCode.UNIMPLEMENTED
    controller = driver.channel.unary_unary("/csi.v1.Controller/ControllerGetCapabilities")
    assert refusal(lambda: controller(b""))[0] == grpc.StatusCode.UNIMPLEMENTED


def test_what_a_request_lacks_is_an_invalid_argument(drive):
    driver = drive()
    publish, pb = driver.node.NodePublishVolume, driver.pb
    for changes, text in (({"volume_capability": None}, "Volume capability"),
                          ({"volume_id": ""}, "Volume ID"), ({"target_path": ""}, "Target path"),
                          ({"volume_context": {}}, "Volume attributes")):
        code, details = refusal(lambda c=changes: publish(driver.request(**c)))
        assert (code, details) == (grpc.StatusCode.INVALID_ARGUMENT,
                                   f"{text} missing in request")
    for request in (pb.NodeUnpublishVolumeRequest(target_path="/t"),
                    pb.NodeUnpublishVolumeRequest(volume_id="v")):
        code, _ = refusal(lambda r=request: driver.node.NodeUnpublishVolume(r))
        assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert driver.program.output.count('"publish"') == 0


def test_a_publish_arrives_whole(drive):
    driver = drive()
    secret = "käse\n" * 1000
    driver.node.NodePublishVolume(driver.request(
        volume_capability={"mount": {"volume_mount_group": "2000"}, "access_mode": {"mode": 1}},
        secrets={"clientsecret": secret},
        volume_context={"secretProviderClass": "shop", TOKENS: '{"a":{"token":"t"}}'}), timeout=60)
    [event] = driver.events("publish", 1)
    assert event["secrets"] == {"clientsecret": secret}
    assert event["context"] == {"secretProviderClass": "shop"}
    assert event["tokens"] == '{"a":{"token":"t"}}'
    assert event["group"] == "2000" and event["mode"] == 1 and event["readonly"]
    assert 50_000 < event["left"] <= 60_000
    driver.node.NodeUnpublishVolume(driver.pb.NodeUnpublishVolumeRequest(
        volume_id="csi-1", target_path="/t"))
    assert driver.events("unpublish", 1)[0]["volume"] == "csi-1"


def test_every_error_code_and_any_text_reach_the_caller(drive):
    driver = drive()
    text = 'object "a": 100 % für\ndie Tür; ask \x7f the owner'
    for code in CODES:
        call = driver.publish(behave="fail", code=str(code.value[0]), message=text)
        assert refusal(call.result) == (code, text)
    code, details = refusal(driver.publish(behave="fail", code="5", message="ü" * 20_000).result)
    assert code == grpc.StatusCode.NOT_FOUND and details.endswith("ü...")


def test_stats_are_given_where_something_is_mounted(drive):
    driver = drive()
    ask = driver.node.NodeGetVolumeStats
    there = ask(driver.pb.NodeGetVolumeStatsRequest(volume_id="v", volume_path="/there"))
    assert [(one.unit, one.total, one.used, one.available) for one in there.usage] == [
        (1, 30, 20, 10), (2, 3, 2, 1)]
    absent = driver.pb.NodeGetVolumeStatsRequest(volume_id="v", volume_path="/absent")
    assert refusal(lambda: ask(absent))[0] == grpc.StatusCode.NOT_FOUND


def test_a_callers_deadline_and_its_cancellation_stop_the_work(drive):
    driver = drive()
    assert refusal(driver.publish(3, "wait", "late").result)[0] == (
        grpc.StatusCode.DEADLINE_EXCEEDED)
    call = driver.publish(60, "wait", "unwanted")
    driver.events("publish", 2)
    call.cancel()
    gone = driver.dial(f"unix://{driver.socket}")
    stub = driver.pb.services.NodeStub(gone)
    vanished = stub.NodePublishVolume.future(driver.request(  # one that nobody holds is cancelled
        volume_id="vanished", volume_context={"behave": "wait"}), timeout=60)
    driver.events("publish", 3)
    gone.close()
    assert not vanished.done() or vanished.cancelled() or vanished.exception()
    stopped = {event["volume"] for event in driver.events("stopped", 3)}
    assert stopped == {"late", "unwanted", "vanished"}


def test_messages_up_to_the_limit_pass_and_larger_ones_are_refused(drive):
    driver = drive()
    large = driver.request(secrets={"large": "x" * 4_000_000})
    driver.node.NodePublishVolume(large, timeout=60)
    assert len(driver.events("publish", 1)[0]["secrets"]["large"]) == 4_000_000
    code, _ = refusal(lambda: driver.node.NodePublishVolume(
        driver.request(secrets={"large": "x" * 5_000_000}), timeout=60))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    driver.node.NodePublishVolume(driver.request(), timeout=60)


def test_twenty_in_parallel_over_one_connection_and_over_twenty(drive):
    driver = drive()
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda n: driver.publish(volume=f"one-{n}").result(), range(200)))

    def alone(number):
        with grpc.insecure_channel(f"unix://{driver.socket}",
                                   options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            driver.pb.services.NodeStub(channel).NodePublishVolume(
                driver.request(volume_id=f"own-{number}"), timeout=60)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(alone, range(100)))
    seen = [event["volume"] for event in driver.events("publish", 300)]
    assert len(seen) == len(set(seen)) == 300


def test_calls_wait_for_a_thread_and_beyond_the_queue_are_refused(drive):
    driver = drive(threads=2, queue=2)
    working = [driver.publish(60, "wait", f"w{n}") for n in range(2)]
    driver.events("publish", 2)
    waiting = [driver.publish(60, volume=f"q{n}") for n in range(4)]
    refused = wait_until(lambda: sum(call.done() for call in waiting) == 2 and
                         [call for call in waiting if call.done()], "two refused")
    assert {call.code() for call in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert driver.identity.Probe(driver.pb.ProbeRequest(), timeout=20).ready.value
    for call in working:
        call.cancel()
    for call in waiting:
        if call not in refused:
            call.result()


def test_a_stop_lets_calls_finish_within_its_limit(drive):
    driver = drive(stop_ms=300)
    call = driver.publish(60, "wait", "long")
    driver.events("publish", 1)
    began = time.monotonic()
    assert driver.program.stop() == 0
    assert time.monotonic() - began > 0.25
    assert refusal(call.result)[0] == grpc.StatusCode.UNAVAILABLE
    assert driver.events("stopped", 1)[0]["volume"] == "long"
    assert not os.path.exists(driver.socket) and not os.path.exists(driver.registration_socket)


def test_the_socket_is_roots_alone_and_a_stale_one_is_replaced(drive):
    driver = drive()
    for path in (driver.socket, driver.registration_socket):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    driver.program.signal(9)
    driver.program.wait()
    assert os.path.exists(driver.socket)
    again = drive()
    assert again.identity.Probe(again.pb.ProbeRequest(), timeout=20, wait_for_ready=True).ready


def test_an_endpoint_of_tcp_serves_too(drive):
    driver = drive(endpoint="tcp://127.0.0.1:0")
    assert driver.identity.Probe(driver.pb.ProbeRequest()).ready.value


def test_a_path_as_authority_is_taken(drive):
    driver = drive()
    for authority in ("localhost", "%2Fcsi%2Fcsi.sock", driver.socket):
        channel = driver.dial(f"unix://{driver.socket}",
                              **{"grpc.default_authority": authority})
        stub = driver.pb.services.IdentityStub(channel)
        assert stub.Probe(driver.pb.ProbeRequest(), timeout=20).ready.value


def test_kubelet_registers_the_driver_and_its_word_is_kept(drive):
    driver = drive()
    pb = Stubs("pluginregistration")
    stub = pb.services.RegistrationStub(driver.dial(f"unix://{driver.registration_socket}"))
    info = stub.GetInfo(pb.InfoRequest(), timeout=20)
    assert (info.type, info.name, info.endpoint, list(info.supported_versions)) == (
        "CSIPlugin", "secrets-store.csi.k8s.io", "/host/csi.sock", ["1.0.0"])
    stub.NotifyRegistrationStatus(pb.RegistrationStatus(error="no such thing"), timeout=20)
    os.unlink(driver.registration_socket)
    wait_until(lambda: os.path.exists(driver.registration_socket), "the socket is there again")
    anew = pb.services.RegistrationStub(driver.dial(f"unix://{driver.registration_socket}"))
    anew.NotifyRegistrationStatus(pb.RegistrationStatus(plugin_registered=True), timeout=20,
                                  wait_for_ready=True)
    driver.program.stop()
    [ended] = driver.events("ended", 1)
    assert ended["registered"] and ended["refusal"] == ""
    assert ended["notices"] == 2 and ended["served_anew"] == 1


def test_nothing_of_a_secret_is_in_the_log(drive):
    driver = drive()
    call = driver.node.NodePublishVolume.future(driver.request(
        secrets={"clientsecret": "hidden-secret"},
        volume_context={"behave": "fail", "code": "14", "message": "down",
                        TOKENS: "hidden-token"}), timeout=20)
    assert refusal(call.result)[0] == grpc.StatusCode.UNAVAILABLE
    driver.program.wait_for_line("call failed")
    logged = [line for line in driver.program.lines if not line.startswith("{")]
    assert not [line for line in logged if "hidden" in line]
