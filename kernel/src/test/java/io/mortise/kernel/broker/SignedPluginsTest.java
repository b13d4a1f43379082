// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.plugin.BundleFile;
import io.mortise.kernel.plugin.BundleSignature;
import io.mortise.kernel.plugin.EchoBundles;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.kernel.plugin.PluginStatus;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Who signed a plugin: checked as it is brought, and again at each start. */
class SignedPluginsTest {
    private static final String UNFIT =
            "the signature of the bundle fits none of the keys in conf/keys (acme, zeta): the file"
                    + " or its signature was changed since it was signed, or its signer is not"
                    + " trusted here; get both again, or put the signer's public key there as"
                    + " NAME.pem";

    private static final String OPENSSL_PRIVATE =
            "MC4CAQAwBQYDK2VwBCIEIIGCy1tTpdleKOKrytX7v8BHiDcehqY2/kj5Cgo9/GXf";
    private static final String OPENSSL_PUBLIC =
            """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEA+TR68E+i3GLToohP9QSIxfFPurHan+JTjcPZVM53iDE=
            -----END PUBLIC KEY-----
            """;
    private static final String OPENSSL_SIGNATURE =
            "MYAD0NL/aAbbFOVW7lZgPid2cS3qziy/zb8wM6pnIT7uXYZsCEaXt/l2DaRQb0qPmg2Y4PTBR/QXER5olhHGDw==";

    @TempDir Path data;
    @TempDir Path shipped;
    private final byte[] bundle = EchoBundles.echo("echo", "1.0.0").bytes();
    private KeyPair acme;
    private HostHarness broker;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectories(data.resolve("keys"));
        trust("zeta", keys());
        acme = keys();
        trust("acme", acme);
        broker = new HostHarness(data, shipped);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void aGoodSignatureNamesItsKeyAlsoAfterARestart() throws Exception {
        assertThat(broker.install(bundle, sign(acme, bundle)).signer()).isEqualTo("acme");
        restart(true);
        PluginStatus status = broker.host.status("echo");
        assertThat(status.state()).isEqualTo(PluginState.ACTIVE);
        assertThat(status.signer()).isEqualTo("acme");
        assertThat(files()).hasSize(2).anyMatch(name -> name.endsWith(".jar.sig"));
        broker.host.uninstall("echo");
        assertThat(files()).isEmpty();
    }

    @Test
    void anUpgradeIsJudgedByItsOwnSignature() throws Exception {
        broker.install(bundle, sign(acme, bundle));
        byte[] next = EchoBundles.echo("echo", "2.0.0").bytes();
        assertThatThrownBy(() -> upgrade(next, sign(acme, bundle))).hasMessageContaining(UNFIT);
        assertThat(broker.host.status("echo").version()).isEqualTo("1.0.0");
        assertThat(upgrade(next, sign(acme, next)).signer()).isEqualTo("acme");
        assertThat(files()).hasSize(2);
        assertThat(upgrade(bundle, null).signer()).isNull();
        assertThat(files()).hasSize(1);
    }

    @Test
    void aTamperedJarIsRefused() throws Exception {
        byte[] other = EchoBundles.echo("echo", "1.0.0").config("{} ").bytes();
        byte[] signature = sign(acme, bundle);
        assertThatThrownBy(() -> broker.install(other, signature)).hasMessageEndingWith(UNFIT);
        assertThat(verify(other, signature)).contains(UNFIT);
        assertThat(files()).isEmpty();
        assertThat(broker.host.list()).isEmpty();
    }

    @Test
    void aTamperedSignatureIsRefused() throws Exception {
        for (int position : new int[] {0, 31, 32, 63}) {
            byte[] signature = sign(acme, bundle);
            signature[position] ^= 1;
            assertThatThrownBy(() -> broker.install(bundle, signature))
                    .as("byte %d", position)
                    .hasMessageEndingWith(UNFIT);
        }
    }

    @Test
    void anUnknownSignerIsRefused() throws Exception {
        byte[] signature = sign(keys(), bundle);
        assertThatThrownBy(() -> broker.install(bundle, signature)).hasMessageEndingWith(UNFIT);
        Files.delete(data.resolve("keys/acme.pem"));
        Files.delete(data.resolve("keys/zeta.pem"));
        assertThatThrownBy(() -> broker.install(bundle, signature))
                .hasMessageEndingWith(
                        "the bundle is signed, but conf/keys holds no key to check it with: put the"
                                + " public key of who signed it there as NAME.pem");
        assertThat(broker.install(bundle).signer()).isNull();
    }

    @Test
    void whereItIsRequiredAnUnsignedOneIsRefused() throws Exception {
        restart(true);
        String unsigned =
                "the bundle is not signed, and security.requireSignedPlugins is true: get FILE.sig"
                        + " from who built the plugin and put it beside FILE";
        assertThatThrownBy(() -> broker.install(bundle)).hasMessageEndingWith(unsigned);
        assertThat(verify(bundle, null)).contains(unsigned);
        assertThat(broker.install(bundle, sign(acme, bundle)).state())
                .isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void whereItBecomesRequiredWhatWasInstalledUnsignedDoesNotStart() throws Exception {
        broker.install(bundle);
        restart(true);
        PluginStatus status = broker.host.status("echo");
        assertThat(status.state()).isEqualTo(PluginState.FAILED);
        assertThat(status.reason())
                .contains("plugin 'echo' 1.0.0 cannot run: echo-1.0.0-")
                .contains(" is not signed, and security.requireSignedPlugins is true");
        restart(false);
        assertThat(broker.host.status("echo").state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void aKeyThatIsWithdrawnCountsNoMoreFromTheNextStartOn() throws Exception {
        broker.install(bundle, sign(acme, bundle));
        Files.delete(data.resolve("keys/acme.pem"));
        restart(false);
        assertThat(broker.host.status("echo").state()).isEqualTo(PluginState.FAILED);
        assertThat(broker.host.status("echo").reason())
                .contains("fits none of the keys in conf/keys (zeta)");
        trust("renamed", acme);
        restart(false);
        assertThat(broker.host.status("echo").signer()).isEqualTo("renamed");
    }

    @Test
    void whatCameWithTheBrokerIsTrustedAsShipped() throws Exception {
        Files.write(shipped.resolve("echo.jar"), bundle);
        restart(true);
        PluginStatus status = broker.host.status("echo");
        assertThat(status.state()).isEqualTo(PluginState.ACTIVE);
        assertThat(status.shipped()).isTrue();
        assertThat(status.signer()).isNull();
    }

    @Test
    void aFileThatIsNoKeyDoesNotCount() throws Exception {
        KeyPair curve = KeyPairGenerator.getInstance("X25519").generateKeyPair();
        trust("agreement", curve);
        Files.writeString(data.resolve("keys/note.pem"), "nothing");
        Files.writeString(
                data.resolve("keys/private.pem"), pem("PRIVATE", acme.getPrivate().getEncoded()));
        assertThat(broker.install(bundle, sign(acme, bundle)).signer()).isEqualTo("acme");
    }

    @Test
    void aSignatureComesInEitherAlphabetOfBase64() throws Exception {
        byte[] signature = sign(acme, bundle);
        String usual = Base64.getMimeEncoder(40, new byte[] {'\n'}).encodeToString(signature);
        assertThat(BundleSignature.parse(usual + "\n")).isEqualTo(signature);
        assertThat(BundleSignature.parse(usual.replace('+', ' '))).isEqualTo(signature);
        assertThat(BundleSignature.parse(Base64.getUrlEncoder().encodeToString(signature)))
                .isEqualTo(signature);
        assertThatThrownBy(() -> BundleSignature.parse("abc"))
                .hasMessageContaining("the signature is not base64 of 64 bytes: make it with");
        assertThatThrownBy(() -> BundleSignature.parse("!"))
                .hasMessageContaining("the signature is not base64 of 64 bytes");
    }

    /**
     * Made by {@code openssl genpkey -algorithm ed25519} and {@code openssl pkeyutl -sign -rawin}.
     */
    @Test
    void keysAndSignaturesAsOpensslMakesThemCount() throws Exception {
        var der = Base64.getDecoder().decode(OPENSSL_PRIVATE);
        PrivateKey key =
                KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der));
        byte[] message = "a plugin".getBytes(StandardCharsets.UTF_8);
        assertThat(sign(key, message)).isEqualTo(BundleSignature.parse(OPENSSL_SIGNATURE));
        Files.writeString(data.resolve("keys/command.pem"), OPENSSL_PUBLIC);
        assertThat(broker.install(bundle, sign(key, bundle)).signer()).isEqualTo("command");
    }

    private PluginStatus upgrade(byte[] next, byte @org.jspecify.annotations.Nullable [] signature)
            throws IOException {
        return broker.host.upgrade(broker.host.receive(new ByteArrayInputStream(next), signature));
    }

    private List<String> verify(byte[] jar, byte @org.jspecify.annotations.Nullable [] signature)
            throws IOException {
        BundleFile received = broker.host.receive(new ByteArrayInputStream(jar), signature);
        List<String> findings = broker.host.verify(received);
        broker.host.discard(received);
        return findings;
    }

    private void restart(boolean requireSigned) throws IOException {
        broker.close();
        broker = new HostHarness(data, shipped, requireSigned);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("plugins"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains(".jar"))
                    .toList();
        }
    }

    private void trust(String name, KeyPair pair) throws IOException {
        Files.writeString(
                data.resolve("keys").resolve(name + ".pem"),
                pem("PUBLIC", pair.getPublic().getEncoded()));
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN %s KEY-----\n%s\n-----END %s KEY-----\n"
                .formatted(kind, Base64.getMimeEncoder().encodeToString(der), kind);
    }

    private static KeyPair keys() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    private static byte[] sign(KeyPair pair, byte[] message) throws GeneralSecurityException {
        return sign(pair.getPrivate(), message);
    }

    private static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signing = Signature.getInstance("Ed25519");
        signing.initSign(key);
        signing.update(message);
        return signing.sign();
    }
}
