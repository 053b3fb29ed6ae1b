import uuid

import django.db.models.deletion
import django_scim_provider.models.connection_profiles
import django_scim_provider.models.fields
import django_scim_provider.models.groups
import django_scim_provider.models.keys
import django_scim_provider.models.moments
import django_scim_provider.models.roles
import django_scim_provider.validators
from django.conf import settings
from django.db import migrations, models

from django_scim_provider.migrations._counters import install_counters, remove_counters



def gather_statistics_soon(apps, schema_editor):
    # Statistics are gathered when a tenth of a table has changed. A connection that is new beside a
    # large one is less, and a planner that knows nothing of its rows reads all of them for each.
    if schema_editor.connection.vendor == "postgresql":
        for table in (
            "scim_provider_linkedaccount",
            "scim_provider_accountdocument",
            "scim_provider_accountemail",
            "scim_provider_provisionedgroup",
            "scim_provider_groupdocument",
        ):
            schema_editor.execute(
                f"ALTER TABLE {table} SET (autovacuum_analyze_scale_factor = 0,"
                " autovacuum_analyze_threshold = 2000)"
            )


def leave_room_for_updates(apps, schema_editor):
    # A new version of a row is kept beside the old one where its page has room, and then no index
    # has to learn of it. Other databases change rows where they are.
    if schema_editor.connection.vendor == "postgresql":
        for table in ("scim_provider_linkedaccount", "scim_provider_provisionedgroup"):
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = 90)")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency('auth.Group'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ProviderConnection',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('provider_id', django_scim_provider.models.fields.ExactCharField(help_text="Part of the connection's tokens; it cannot be changed later.", max_length=255, unique=True, validators=[django_scim_provider.validators.validate_wire_part], verbose_name='provider id')),
                ('provider_key', django_scim_provider.models.fields.FoldedKeyField(editable=False, max_length=255, source='provider_id', unique=True)),
                ('organization_id', django_scim_provider.models.fields.ExactCharField(blank=True, help_text='The organization whose members the connection provisions, if any.', max_length=255, null=True, validators=[django_scim_provider.validators.validate_wire_part], verbose_name='organization id')),
                ('name', models.CharField(blank=True, max_length=255, verbose_name='name')),
                ('profile', models.CharField(choices=django_scim_provider.models.connection_profiles.profile_choices, default='generic', max_length=32, verbose_name='profile')),
                ('profile_switches', models.JSONField(blank=True, default=dict, help_text='What is on or off whatever the profile says, as names with true or false.', validators=[django_scim_provider.models.connection_profiles.validate_switches], verbose_name='switches')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('decommissioned_at', django_scim_provider.models.moments.MomentField(blank=True, editable=False, null=True, verbose_name='decommissioned at')),
                ('drift_count', models.PositiveIntegerField(editable=False, null=True, verbose_name='drift')),
                ('drift_checked_at', django_scim_provider.models.moments.MomentField(editable=False, null=True, verbose_name='compared at')),
                ('created_at', django_scim_provider.models.moments.MomentField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', django_scim_provider.models.moments.MomentField(auto_now=True, verbose_name='updated at')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='scim_connections', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'connection',
                'verbose_name_plural': 'connections',
                'ordering': ['provider_id'],
                'permissions': [('disable_providerconnection', 'Can enable and disable connections'), ('decommission_providerconnection', 'Can decommission connections'), ('repair_providerconnection', 'Can repair what drifted from connections'), ('export_providerconnection', 'Can export people and groups of connections')],
            },
        ),
        migrations.CreateModel(
            name='SCIMToken',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('lookup', django_scim_provider.models.fields.ExactCharField(editable=False, max_length=8, unique=True, verbose_name='lookup id')),
                ('secret', models.TextField(editable=False, verbose_name='stored secret')),
                ('label', models.CharField(blank=True, max_length=255, verbose_name='label')),
                ('scopes', models.JSONField(blank=True, default=list, help_text='An empty list means all scopes.', verbose_name='scopes')),
                ('created_at', django_scim_provider.models.moments.MomentField(auto_now_add=True, verbose_name='created at')),
                ('expires_at', django_scim_provider.models.moments.MomentField(blank=True, null=True, verbose_name='expires at')),
                ('revoked_at', django_scim_provider.models.moments.MomentField(blank=True, editable=False, null=True, verbose_name='revoked at')),
                ('last_used_at', django_scim_provider.models.moments.MomentField(blank=True, editable=False, null=True, verbose_name='last used at')),
                ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('provider', models.ForeignKey(db_column='provider_id', on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'SCIM token',
                'verbose_name_plural': 'SCIM tokens',
                'ordering': ['-created_at'],
                'permissions': [('rotate_scimtoken', 'Can rotate SCIM tokens'), ('revoke_scimtoken', 'Can revoke SCIM tokens')],
            },
        ),
        migrations.CreateModel(
            name='LinkedAccount',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scim_id', django_scim_provider.models.fields.SCIMIdField(blank=True, editable=False, max_length=255, verbose_name='SCIM id')),
                ('account_id', django_scim_provider.models.fields.ExactCharField(help_text='The normalised userName, which is unique in the connection.', max_length=512, verbose_name='account id')),
                ('external_id', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=256, null=True, verbose_name='external id')),
                ('user_name', models.CharField(max_length=256, verbose_name='user name')),
                ('display_name', models.TextField(editable=False, null=True, verbose_name='display name')),
                ('display_key', django_scim_provider.models.fields.ExactTextField(editable=False, null=True)),
                ('active', models.BooleanField(default=True, null=True, verbose_name='active')),
                ('resource', models.TextField(editable=False, help_text='All that is known of the person, as the identity provider reads it back.')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='created at')),
                ('last_modified', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='last modified')),
                ('created_user', models.BooleanField(default=False, help_text='Whether this connection made the user, who then follows the directory in name and address.', verbose_name='created the user')),
                ('manages_profile', models.BooleanField(default=True, help_text="Whether this connection writes the user's name and address.", verbose_name='manages the profile')),
                ('released_at', django_scim_provider.models.moments.MomentField(editable=False, help_text='When decommissioning the connection released the user.', null=True, verbose_name='released at')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scim_accounts', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'linked account',
                'verbose_name_plural': 'linked accounts',
                'indexes': [models.Index(fields=['provider', 'id'], name='scim_account_order'), django_scim_provider.models.fields.FindingIndex(fields=['provider', 'external_id'], name='scim_account_external_id')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'account_id'), name='scim_account_key'), models.UniqueConstraint(fields=('provider', 'scim_id'), name='scim_account_scim_id'), models.UniqueConstraint(fields=('provider', 'user'), name='scim_account_user')],
            },
        ),
        migrations.CreateModel(
            name='AccountEmail',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('value_key', django_scim_provider.models.fields.ExactCharField(max_length=640, null=True)),
                ('type', django_scim_provider.models.fields.ExactCharField(max_length=128, null=True)),
                ('primary', models.BooleanField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='emails', to='scim_provider.linkedaccount')),
                ('provider', models.ForeignKey(db_column='provider_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scim_provider.providerconnection', to_field='provider_id')),
            ],
            options={
                'verbose_name': 'account e-mail address',
                'verbose_name_plural': 'account e-mail addresses',
                'indexes': [django_scim_provider.models.fields.LongTextIndex(fields=['provider', 'value_key'], name='scim_email_value')],
            },
        ),
        migrations.CreateModel(
            name='Tombstone',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('external_id', django_scim_provider.models.fields.ExactCharField(max_length=256, null=True, verbose_name='external id')),
                ('account_id', django_scim_provider.models.fields.ExactCharField(max_length=512, verbose_name='account id')),
                ('created_user', models.BooleanField(verbose_name='created the user')),
                ('manages_profile', models.BooleanField(verbose_name='manages the profile')),
                ('deactivated_user', models.BooleanField(help_text='Whether the deletion deactivated the user, so that a return may reactivate them.', verbose_name='deactivated the user')),
                ('created_at', django_scim_provider.models.moments.MomentField(auto_now_add=True, verbose_name='created at')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tombstones', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'tombstone',
                'verbose_name_plural': 'tombstones',
                'indexes': [models.Index(fields=['provider', 'account_id'], name='scim_tombstone_key')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'user'), name='scim_tombstone_user')],
            },
        ),
        migrations.CreateModel(
            name='ProvisionedGroup',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scim_id', django_scim_provider.models.fields.SCIMIdField(blank=True, editable=False, max_length=255, verbose_name='SCIM id')),
                ('external_id', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=256, null=True, verbose_name='external id')),
                ('display_name', models.CharField(max_length=256, verbose_name='display name')),
                ('display_name_key', django_scim_provider.models.fields.ExactCharField(editable=False, max_length=512)),
                ('resource', models.TextField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='created at')),
                ('last_modified', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='last modified')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'provisioned group',
                'verbose_name_plural': 'provisioned groups',
                'indexes': [models.Index(fields=['provider', 'id'], name='scim_group_order'), django_scim_provider.models.fields.FindingIndex(fields=['provider', 'display_name_key'], name='scim_group_display_name'), django_scim_provider.models.fields.FindingIndex(fields=['provider', 'external_id'], name='scim_group_external_id')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'scim_id'), name='scim_group_scim_id')],
            },
        ),
        migrations.CreateModel(
            name='AccountDocument',
            fields=[
                ('last_modified', django_scim_provider.models.moments.MomentField(editable=False)),
                ('folded', django_scim_provider.models.fields.FoldedField(editable=False)),
                ('family_name_key', django_scim_provider.models.fields.ExactCharField(editable=False, max_length=128, null=True)),
                ('given_name_key', django_scim_provider.models.fields.ExactCharField(editable=False, max_length=128, null=True)),
                ('display_name_key', django_scim_provider.models.fields.ExactCharField(editable=False, max_length=128, null=True)),
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='document', serialize=False, to='scim_provider.linkedaccount')),
                ('provider', models.ForeignKey(db_column='provider_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scim_provider.providerconnection', to_field='provider_id')),
            ],
            options={
                'verbose_name': 'account document',
                'verbose_name_plural': 'account documents',
                'indexes': [models.Index(fields=['provider', 'last_modified'], name='scim_account_modified'), models.Index(fields=['provider', 'family_name_key'], name='scim_account_family_name'), models.Index(fields=['provider', 'given_name_key'], name='scim_account_given_name'), models.Index(fields=['provider', 'display_name_key'], name='scim_account_display_name'), django_scim_provider.models.fields.ContainmentIndex(fields=['folded'], name='scim_account_folded')],
            },
        ),
        migrations.CreateModel(
            name='GroupDocument',
            fields=[
                ('last_modified', django_scim_provider.models.moments.MomentField(editable=False)),
                ('folded', django_scim_provider.models.fields.FoldedField(editable=False)),
                ('group', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='document', serialize=False, to='scim_provider.provisionedgroup')),
                ('provider', models.ForeignKey(db_column='provider_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scim_provider.providerconnection', to_field='provider_id')),
            ],
            options={
                'verbose_name': 'group document',
                'verbose_name_plural': 'group documents',
                'indexes': [models.Index(fields=['provider', 'last_modified'], name='scim_group_modified'), django_scim_provider.models.fields.ContainmentIndex(fields=['folded'], name='scim_group_folded')],
            },
        ),
        migrations.CreateModel(
            name='GroupMember',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('member_key', django_scim_provider.models.groups.MemberKeyField(editable=False)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='scim_provider.linkedaccount')),
                ('child', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='parents', to='scim_provider.provisionedgroup')),
                ('group', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='scim_provider.provisionedgroup')),
            ],
            options={
                'verbose_name': 'group member',
                'verbose_name_plural': 'group members',
                'constraints': [models.UniqueConstraint(fields=('group', 'member_key'), name='scim_member_key'), models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('child__isnull', False)), models.Q(('account__isnull', False), ('child', None)), _connector='OR'), name='scim_member_exactly_one')],
            },
        ),
        migrations.CreateModel(
            name='RoleMapping',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('match_by', models.CharField(choices=[('id', 'id'), ('externalId', 'externalId'), ('displayName', 'displayName'), ('attribute', 'attribute of the person'), ('everyone', 'everybody')], default='id', max_length=16, verbose_name='match by')),
                ('attribute', django_scim_provider.models.fields.ExactCharField(blank=True, default='', max_length=255, verbose_name='attribute')),
                ('value', django_scim_provider.models.fields.ExactCharField(blank=True, default='', max_length=256, verbose_name='value')),
                ('source_key', django_scim_provider.models.roles.SourceKeyField(editable=False, max_length=64)),
                ('organization_role', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64, null=True, verbose_name='organization role')),
                ('project_role', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64, null=True, verbose_name='role of the project')),
                ('target_key', django_scim_provider.models.roles.TargetKeyField(editable=False, max_length=128)),
                ('django_group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group', verbose_name='Django group')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mappings', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'role mapping',
                'verbose_name_plural': 'role mappings',
                'constraints': [models.UniqueConstraint(fields=('provider', 'source_key', 'target_key'), name='scim_mapping_key'), models.CheckConstraint(condition=models.Q(models.Q(('django_group__isnull', False), ('organization_role', None), ('project_role', None)), models.Q(('django_group', None), ('organization_role__isnull', False), ('project_role', None)), models.Q(('django_group', None), ('organization_role', None), ('project_role__isnull', False)), _connector='OR'), name='scim_mapping_one_target')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('organization_role', django_scim_provider.models.fields.ExactCharField(max_length=64, null=True, verbose_name='organization role')),
                ('project_role', django_scim_provider.models.fields.ExactCharField(max_length=64, null=True, verbose_name='role of the project')),
                ('target_key', django_scim_provider.models.roles.TargetKeyField(editable=False, max_length=128)),
                ('django_group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group', verbose_name='Django group')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'role grant',
                'verbose_name_plural': 'role grants',
                'constraints': [models.UniqueConstraint(fields=('provider', 'user', 'target_key'), name='scim_grant_key')],
            },
        ),
        migrations.CreateModel(
            name='UniqueValue',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('resource_type', django_scim_provider.models.fields.ExactCharField(max_length=64)),
                ('holder', models.UUIDField()),
                ('digest', django_scim_provider.models.fields.ExactCharField(max_length=64)),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scim_provider.providerconnection', to_field='provider_id')),
            ],
            options={
                'verbose_name': 'unique value',
                'verbose_name_plural': 'unique values',
                'indexes': [models.Index(fields=['holder'], name='scim_unique_holder')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'digest'), name='scim_unique_value')],
            },
        ),
        migrations.CreateModel(
            name='ProvisioningEvent',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', django_scim_provider.models.moments.MomentField(verbose_name='at')),
                ('token_id', models.UUIDField(null=True, verbose_name='token')),
                ('action', models.CharField(max_length=32, verbose_name='action')),
                ('resource_type', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64, verbose_name='resource type')),
                ('resource_id', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=255, verbose_name='resource id')),
                ('outcome', models.CharField(choices=[('done', 'done'), ('refused', 'refused'), ('failed', 'failed')], max_length=8, verbose_name='outcome')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='HTTP status')),
                ('scim_type', models.CharField(blank=True, max_length=32, verbose_name='scimType')),
                ('changed', models.TextField(blank=True, verbose_name='changed attributes')),
                ('left_out', models.TextField(blank=True, verbose_name='unknown attributes')),
                ('request_id', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64, verbose_name='request id')),
                ('duration', models.PositiveIntegerField(null=True, verbose_name='milliseconds')),
                ('failure_id', models.UUIDField(editable=False, null=True)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'provisioning event',
                'verbose_name_plural': 'provisioning events',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['provider', 'id'], name='scim_event_order'), models.Index(fields=['at'], name='scim_event_at'), models.Index(fields=['resource_id', 'id'], name='scim_event_resource'), models.Index(fields=['request_id'], name='scim_event_request')],
            },
        ),
        migrations.CreateModel(
            name="Failure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=django_scim_provider.models.keys.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject", django_scim_provider.models.fields.ExactCharField(max_length=64)),
                (
                    "alias",
                    django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64),
                ),
                ("kind", django_scim_provider.models.fields.ExactCharField(max_length=64)),
                (
                    "resource_type",
                    django_scim_provider.models.fields.ExactCharField(
                        blank=True, max_length=64, verbose_name="resource type"
                    ),
                ),
                (
                    "resource_id",
                    django_scim_provider.models.fields.ExactCharField(
                        blank=True, max_length=255, verbose_name="resource id"
                    ),
                ),
                ("action", models.CharField(max_length=32, verbose_name="action")),
                (
                    "attribute",
                    models.CharField(blank=True, max_length=255, verbose_name="attribute"),
                ),
                ("scim_type", models.CharField(blank=True, max_length=32, verbose_name="scimType")),
                ("status", models.PositiveSmallIntegerField(verbose_name="HTTP status")),
                ("detail", models.CharField(blank=True, max_length=400, verbose_name="detail")),
                (
                    "collides_type",
                    django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64),
                ),
                (
                    "collides_id",
                    django_scim_provider.models.fields.ExactCharField(blank=True, max_length=255),
                ),
                ("count", models.PositiveIntegerField(default=1, verbose_name="times")),
                ("first_at", django_scim_provider.models.moments.MomentField(verbose_name="since")),
                (
                    "last_at",
                    django_scim_provider.models.moments.MomentField(verbose_name="last time"),
                ),
                (
                    "last_request_id",
                    models.CharField(blank=True, max_length=64, verbose_name="request id"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("ignored", "ignored")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "ended_at",
                    django_scim_provider.models.moments.MomentField(
                        null=True, verbose_name="ended at"
                    ),
                ),
                ("identity", models.TextField(blank=True)),
                ("identity_until", django_scim_provider.models.moments.MomentField(null=True)),
                (
                    "provider",
                    models.ForeignKey(
                        db_column="provider_id",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="failures",
                        to="scim_provider.providerconnection",
                        to_field="provider_id",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "verbose_name": "failure",
                "verbose_name_plural": "failures",
                "ordering": ["-last_at", "-pk"],
                "indexes": [
                    models.Index(fields=["provider", "subject"], name="scim_failure_subject"),
                    models.Index(
                        fields=["provider", "state", "last_at"], name="scim_failure_inbox"
                    ),
                    models.Index(fields=["provider", "alias"], name="scim_failure_alias"),
                    models.Index(fields=["identity_until"], name="scim_failure_identity"),
                    models.Index(fields=["last_request_id"], name="scim_failure_request"),
                    models.Index(fields=["last_at"], name="scim_failure_last"),
                ],
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', django_scim_provider.models.fields.ExactCharField(max_length=32)),
                ('holder', models.UUIDField(null=True)),
                ('until', django_scim_provider.models.moments.MomentField()),
            ],
            options={
                'verbose_name': 'turn',
                'verbose_name_plural': 'turns',
                'constraints': [models.UniqueConstraint(fields=('name',), name='scim_turn_name')],
            },
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('address', models.CharField(max_length=1000, verbose_name='address')),
                ('secret', models.TextField(editable=False, verbose_name='encrypted secret')),
                ('previous_secret', models.TextField(blank=True, editable=False, verbose_name='encrypted earlier secret')),
                ('previous_until', django_scim_provider.models.moments.MomentField(editable=False, null=True, verbose_name='earlier secret signs until')),
                ('kinds', models.CharField(blank=True, max_length=255, verbose_name='kinds')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('gone_at', django_scim_provider.models.moments.MomentField(editable=False, null=True, verbose_name='said that it is gone at')),
                ('created_at', django_scim_provider.models.moments.MomentField(auto_now_add=True, verbose_name='created at')),
                ('lease', models.UUIDField(editable=False, null=True)),
                ('leased_until', django_scim_provider.models.moments.MomentField(editable=False, null=True)),
                ('turn_at', django_scim_provider.models.moments.MomentField(editable=False, null=True)),
                ('paused_until', django_scim_provider.models.moments.MomentField(editable=False, null=True, verbose_name='paused until')),
                ('failures', models.PositiveIntegerField(default=0, editable=False, verbose_name='failures in a row')),
                ('last_status', models.PositiveSmallIntegerField(editable=False, null=True, verbose_name='last HTTP status')),
                ('last_problem', models.CharField(blank=True, editable=False, max_length=64, verbose_name='last problem')),
                ('last_success_at', django_scim_provider.models.moments.MomentField(editable=False, null=True, verbose_name='last success')),
                ('last_failure_at', django_scim_provider.models.moments.MomentField(editable=False, null=True, verbose_name='last failure')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('provider', models.ForeignKey(blank=True, db_column='provider_id', db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
                'ordering': ['pk'],
                'permissions': [('manage_webhooks', 'Can manage webhooks')],
            },
        ),
        migrations.CreateModel(
            name='OutboxMessage',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=32, verbose_name='kind')),
                ('subject', django_scim_provider.models.fields.ExactCharField(max_length=255, verbose_name='subject')),
                ('version', models.PositiveIntegerField(default=0)),
                ('payload', models.TextField(verbose_name='payload')),
                ('at', django_scim_provider.models.moments.MomentField(verbose_name='at')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('done', 'delivered'), ('dead', 'given up')], default='waiting', max_length=8, verbose_name='state')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('next_attempt_at', django_scim_provider.models.moments.MomentField(verbose_name='next attempt at')),
                ('ended_at', django_scim_provider.models.moments.MomentField(null=True, verbose_name='ended at')),
                ('last_status', models.PositiveSmallIntegerField(null=True, verbose_name='last HTTP status')),
                ('last_problem', models.CharField(blank=True, max_length=64, verbose_name='last problem')),
                ('provider', models.ForeignKey(db_column='provider_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
                ('endpoint', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='scim_provider.webhookendpoint', verbose_name='webhook')),
            ],
            options={
                'verbose_name': 'webhook message',
                'verbose_name_plural': 'webhook messages',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=32, verbose_name='kind')),
                ('subject', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64, verbose_name='subject')),
                ('at', django_scim_provider.models.moments.MomentField(verbose_name='since')),
                ('facts', models.JSONField(default=dict)),
                ('mailed_at', django_scim_provider.models.moments.MomentField(null=True, verbose_name='mailed at')),
                ('mail_attempts', models.PositiveSmallIntegerField(default=0)),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('provider', 'kind', 'subject'), name='scim_notice_once')],
            },
        ),
        migrations.AddIndex(
            model_name='webhookendpoint',
            index=models.Index(fields=['provider'], name='scim_webhook_provider'),
        ),
        migrations.AddIndex(
            model_name='outboxmessage',
            index=models.Index(fields=['endpoint', 'state', 'id'], name='scim_outbox_queue'),
        ),
        migrations.AddIndex(
            model_name='outboxmessage',
            index=models.Index(fields=['endpoint', 'subject', 'state'], name='scim_outbox_subject'),
        ),
        migrations.AddIndex(
            model_name='outboxmessage',
            index=models.Index(fields=['state', 'next_attempt_at'], name='scim_outbox_due'),
        ),
        migrations.CreateModel(
            name='CheckRun',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('doctor', 'The deployment'), ('simulator', 'A rehearsal of an identity provider'), ('drift', 'Drift')], max_length=16, verbose_name='kind')),
                ('options', models.JSONField(default=dict)),
                ('started_at', django_scim_provider.models.moments.MomentField(verbose_name='started at')),
                ('heard_at', django_scim_provider.models.moments.MomentField()),
                ('ended_at', django_scim_provider.models.moments.MomentField(null=True, verbose_name='ended at')),
                ('state', models.CharField(choices=[('waiting', 'waiting for a worker'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('lost', 'broken off')], default='running', max_length=8, verbose_name='state')),
                ('claim', models.UUIDField(default=uuid.UUID('00000000-0000-0000-0000-000000000000'), editable=False)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('found', models.JSONField(default=dict)),
                ('problem', models.CharField(blank=True, max_length=64, verbose_name='problem')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='check_runs', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 'check',
                'verbose_name_plural': 'checks',
                'ordering': ['-pk'],
                'permissions': [('run_checks', 'Can run checks of connections')],
                'default_permissions': (),
                'indexes': [models.Index(fields=['provider', 'id'], name='scim_run_order')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'kind', 'claim'), name='scim_run_once')],
            },
        ),
        migrations.CreateModel(
            name='RecordedExchange',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('at', django_scim_provider.models.moments.MomentField(verbose_name='at')),
                ('expires_at', django_scim_provider.models.moments.MomentField(verbose_name='kept until')),
                ('operation', models.CharField(max_length=64, verbose_name='operation')),
                ('status', models.PositiveSmallIntegerField(verbose_name='HTTP status')),
                ('request_id', models.CharField(blank=True, max_length=64, verbose_name='request id')),
                ('duration', models.PositiveIntegerField(verbose_name='milliseconds')),
                ('sealed', models.TextField(editable=False)),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='recorded_exchanges', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'recorded request',
                'verbose_name_plural': 'recorded requests',
                'ordering': ['provider_id', 'number'],
                'permissions': [('record_exchanges', 'Can record requests of connections'), ('view_recorded_exchanges', 'Can read recorded requests of connections'), ('replay_recorded_exchanges', 'Can try recorded requests again')],
                'default_permissions': (),
                'indexes': [models.Index(fields=['expires_at'], name='scim_recorded_expiry')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'number'), name='scim_recorded_number'), models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 1000)), name='scim_recorded_most')],
            },
        ),
        migrations.AddField(
            model_name='providerconnection',
            name='recording_until',
            field=django_scim_provider.models.moments.MomentField(blank=True, editable=False, null=True, verbose_name='recorded until'),
        ),
        migrations.AddField(
            model_name='providerconnection',
            name='recording_most',
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.CreateModel(
            name='EventEffect',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('subject', models.UUIDField()),
                ('kind', models.CharField(choices=[('joined', 'joined the group'), ('left', 'left the group'), ('granted', 'got a role'), ('revoked', 'lost a role'), ('kept', 'kept the log-in'), ('lost', 'lost a member whose account was deleted')], max_length=8, verbose_name='kind')),
                ('role', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=128, verbose_name='role')),
                ('through', models.UUIDField(null=True)),
                ('event', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='effects', to='scim_provider.provisioningevent', verbose_name='event')),
            ],
            options={
                'verbose_name': 'effect of an event',
                'verbose_name_plural': 'effects of events',
                'ordering': ['pk'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['event', 'kind'], name='scim_effect_event'), models.Index(fields=['subject', 'event'], name='scim_effect_subject')],
            },
        ),
        migrations.CreateModel(
            name='EventValues',
            fields=[
                ('event', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='kept_values', serialize=False, to='scim_provider.provisioningevent', verbose_name='event')),
                ('subject', models.UUIDField()),
                ('text', models.TextField()),
                ('until', django_scim_provider.models.moments.MomentField()),
            ],
            options={
                'verbose_name': 'values of an event',
                'verbose_name_plural': 'values of events',
                'permissions': [('view_event_values', 'Can view values of events')],
                'default_permissions': (),
                'indexes': [models.Index(fields=['subject'], name='scim_event_values_subject'), models.Index(fields=['until'], name='scim_event_values_until')],
            },
        ),
        migrations.CreateModel(
            name="RequestTally",
            fields=[
                ("id", models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ("until", models.DateField()),
                ("days", models.JSONField(default=list)),
                ("kinds", models.JSONField(default=list)),
                ("failures", models.JSONField(default=list)),
                ("provider", models.ForeignKey(db_column="provider_id", db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="scim_provider.providerconnection", to_field="provider_id", verbose_name="connection")),
            ],
            options={
                "verbose_name": "tally of requests",
                "verbose_name_plural": "tallies of requests",
                "constraints": [models.UniqueConstraint(fields=("provider",), name="scim_tally_provider")],
            },
        ),
        migrations.RunPython(leave_room_for_updates, migrations.RunPython.noop),
        migrations.RunPython(gather_statistics_soon, migrations.RunPython.noop),
        migrations.RunPython(install_counters, remove_counters),
    ]
