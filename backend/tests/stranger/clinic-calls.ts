// Use the clinic's client as its author would: node clinic-calls.js ADDRESS
import { AdminApi } from "./trader-client-admin/index.js";
import { ClinicApi, failureOf, Priority, type ClinicOperations } from "./trader-client-clinic/index.js";

const basePath = String(process.argv[2]);
const start = "2026-03-04T09:30:00Z";

const guest = new ClinicApi({ basePath });
const { data: token } = await guest.loginApiV1AuthTokenPost({
  body: { username: "ada", password: "pw & more", grant_type: "password", scope: "read write" },
});
const { data: reset } = await guest.resetPasswordApiV1AuthResetTokenPost({ token: "t 1 ü?", body: { new_password: "näw pw+&" } });
const seen: unknown[] = [token, reset.detail];
try {
  await guest.meApiV1AuthMeGet();
} catch (error) {
  seen.push((error as { response: { status: number } }).response.status);
}

const clinic = new ClinicApi({ basePath, accessToken: token.access_token });
seen.push((await clinic.meApiV1AuthMeGet()).data);
const { data: ada } = await clinic.createApiV1PatientsPost({
  xTenantId: "t 1",
  locale: "de",
  body: {
    firstName: "Ada",
    lastName: "Lovelace",
    birthDate: "1815-12-10",
    bloodType: "A+",
    contacts: [
      { kind: "email", address: "a@b" },
      { kind: "phone", number: "1" },
    ],
    password: "s3",
    address: { street: "s", city: "c", zipCode: "12345" },
  },
});
const patientId = String(ada.id);
const { data: page } = await clinic.searchApiV1PatientsGet({ bloodType: ["A+", "O-"], limit: 1, bornAfter: "1800-01-01" });
seen.push(
  ada.fullName,
  ada.contacts?.map(({ kind }) => kind),
  ada.address?.zipCode,
  [page.total, page.has_more, page.items[0]?.id === ada.id],
  (await clinic.exportApiV1PatientsExportCsvGet()).data,
);
// The id that a factory made counts as unset, so the response leaves it out.
const { data: some } = await clinic.filteredApiV1PatientsFilterGet({ bloodTypes: ["A+"], orderBy: "-name" });
seen.push(some.items[0]?.id ?? "no id");

const files = [new File(["a;b\nc"], "x.csv"), new Blob(["d"])];
seen.push((await clinic.importPatientsApiV1PatientsImportPost({ body: { files, dry_run: true, labels: ["x", "y,z"] } })).data);
const photo = new File([new Uint8Array([0x89, 0xff])], "p.png", { type: "image/png" });
const put = await clinic.putPhotoApiV1PatientsPatientIdPhotoPut({ patientId, body: { photo } });
const { data: image } = await clinic.getPhotoApiV1PatientsPatientIdPhotoGet({ patientId });
seen.push(put.status, put.data.detail, [...new Uint8Array(await image.arrayBuffer())]);

const { data: changed } = await clinic.updateApiV1PatientsPatientIdPatch({ patientId, body: { address: null, firstName: "A." } });
const { data: contacts } = await clinic.addContactApiV1PatientsPatientIdContactsPost({
  patientId,
  body: { contact: { kind: "phone", number: "2" }, primary: true },
});
seen.push([changed.fullName, changed.address, changed.bloodType, changed.contacts?.length]);
seen.push(contacts.map(({ kind }) => kind));
try {
  await clinic.readApiV1PatientsPatientIdGet({ patientId: "8c1b5f0e-0000-4000-8000-000000000000" });
} catch (error) {
  const failure = failureOf<ClinicOperations["readApiV1PatientsPatientIdGet"]>(error);
  if (failure?.status !== 404) throw error;
  seen.push([failure.status, failure.data.code]);
}

const body = { patientId, slot: { start, length: "PT45M" }, priority: Priority.NUMBER_10, price: "12.50" };
const { data: booked } = await clinic.bookApiV1ClinicsClinicIdAppointmentsPost({ clinicId: 7, idempotencyKey: "k", body });
seen.push([booked.id, booked.price, booked.priority, booked.notes], booked.slot.length === "PT45M");
try {
  await clinic.bookApiV1ClinicsClinicIdAppointmentsPost({ clinicId: 7, idempotencyKey: "k2", body });
} catch (error) {
  const failure = failureOf<ClinicOperations["bookApiV1ClinicsClinicIdAppointmentsPost"]>(error);
  if (failure?.status !== 409) throw error;
  seen.push([failure.status, failure.data.context]);
}

const agenda = await clinic.agendaApiV1ClinicsClinicIdAppointmentsGet({
  clinicId: 7,
  on: "2026-03-04",
  priority: Priority.NUMBER_10,
  minPrice: "12.5",
  longest: "PT1H",
});
const kinds: string[] = [];
for (const options of [{}, { priority: Priority.NUMBER_0 }]) {
  const { data } = await clinic.upcomingApiV1ClinicsClinicIdAppointmentsNextGet({ clinicId: 7, ...options });
  kinds.push("detail" in data ? "Message" : "Appointment");
}
const ids: number[] = [];
for await (const { id } of clinic.feedApiV1ClinicsClinicIdAppointmentsFeedGet({ clinicId: 7, count: 1 })) ids.push(id);
const { data: followed } = await clinic.followUpApiV1ClinicsClinicIdAppointmentsAppointmentIdFollowUpPut({
  clinicId: 7,
  appointmentId: 1,
  body: [{ start }],
});
const { data: hours } = await clinic.hoursApiV1ClinicsClinicIdAppointmentsHoursGet({ clinicId: 7 });
seen.push(
  agenda.data.map(({ id }) => id),
  kinds,
  ids,
  followed.followUps?.map(({ id }) => id),
  [hours["mon"]?.closes, hours["sun"]],
  (await clinic.healthHealthGet()).data,
);

await clinic.deleteApiV1PatientsPatientIdDelete({ patientId, reason: "moved" });
try {
  await clinic.searchApiV1PatientsGet({ limit: 1000 });
} catch (error) {
  const failure = failureOf<ClinicOperations["searchApiV1PatientsGet"]>(error);
  if (failure?.status !== 422) throw error;
  seen.push([failure.status, failure.data.detail?.[0]?.loc]);
}
const admin = new AdminApi({ basePath: `${basePath}/admin`, apiKey: "k" });
seen.push((await admin.readAuditAuditGet({ limit: 5 })).data);
await admin.clearAuditAuditDelete();
console.log(JSON.stringify(seen));
