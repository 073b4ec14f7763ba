// Asks the browser for a passkey, or to make one, and sends the form with what it says. Without this there are other ways in.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function make({ challenge, party, user, mail }, known) {
  return navigator.credentials.create({
    publicKey: {
      challenge: bytes(challenge),
      rp: { id: party, name: "Tacet" },
      user: { id: bytes(user), name: mail, displayName: mail },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: known,
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
    },
  });
}

function show({ challenge, party }, known) {
  return navigator.credentials.get({
    publicKey: { challenge: bytes(challenge), rpId: party, allowCredentials: known, userVerification: "required" },
  });
}

async function ask(form) {
  const known = form.dataset.known.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: bytes(id) }));
  const made = await (form.dataset.passkey === "create" ? make : show)(form.dataset, known);
  const parts = {
    id: made.rawId, client: made.response.clientDataJSON, attestation: made.response.attestationObject,
    authenticator: made.response.authenticatorData, signature: made.response.signature,
  };
  for (const [name, part] of Object.entries(parts)) if (part) form.elements.namedItem(name).value = text(part);
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    const problem = form.querySelector("[data-passkey-problem]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.hidden = true;
      try {
        await ask(form);
        form.submit();
      } catch {
        problem.hidden = false;
      }
    });
    form.hidden = false;
  }
  for (const hint of document.querySelectorAll("[data-without-passkey]")) hint.hidden = true;
}
