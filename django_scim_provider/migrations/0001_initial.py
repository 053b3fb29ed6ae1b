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



def leave_room_for_updates(apps, schema_editor):
    # A new version of a row is kept beside the old one where its page has room, and then no index
    # has to learn of it. Other databases change rows where they are.
    if schema_editor.connection.vendor == "postgresql":
        for table in ("scim_provider_linkedaccount", "scim_provider_provisionedgroup"):
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = 90)")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
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
                ('profile', models.CharField(choices=django_scim_provider.models.connection_profiles.profile_choices, default='generic', max_length=32, verbose_name='vendor profile')),
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
                'verbose_name': 'provider connection',
                'verbose_name_plural': 'provider connections',
                'ordering': ['provider_id'],
                'permissions': [('disable_providerconnection', 'Can enable and disable provider connections'), ('decommission_providerconnection', 'Can decommission provider connections'), ('repair_providerconnection', 'Can repair what drifted from provider connections')],
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
                ('resource', models.TextField(editable=False, help_text='The canonical SCIM resource; see core.stores.Stored.text.')),
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
                'indexes': [models.Index(fields=['provider', 'id'], name='scim_account_order'), models.Index(fields=['provider', 'external_id'], name='scim_account_external_id')],
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
                'indexes': [models.Index(fields=['provider', 'id'], name='scim_group_order'), models.Index(fields=['provider', 'display_name_key'], name='scim_group_display_name'), models.Index(fields=['provider', 'external_id'], name='scim_group_external_id')],
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
            name='GroupMapping',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('match_by', models.CharField(choices=[('id', 'id'), ('externalId', 'externalId'), ('displayName', 'displayName')], default='id', max_length=16, verbose_name='match by')),
                ('value', django_scim_provider.models.fields.ExactCharField(max_length=256, verbose_name='value')),
                ('organization_role', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64, null=True, verbose_name='organization role')),
                ('project_role', django_scim_provider.models.fields.ExactCharField(blank=True, max_length=64, null=True, verbose_name='role of the project')),
                ('target_key', django_scim_provider.models.roles.TargetKeyField(editable=False, max_length=128)),
                ('django_group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group', verbose_name='Django group')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mappings', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'group mapping',
                'verbose_name_plural': 'group mappings',
                'constraints': [models.UniqueConstraint(fields=('provider', 'match_by', 'value', 'target_key'), name='scim_mapping_key'), models.CheckConstraint(condition=models.Q(models.Q(('django_group__isnull', False), ('organization_role', None), ('project_role', None)), models.Q(('django_group', None), ('organization_role__isnull', False), ('project_role', None)), models.Q(('django_group', None), ('organization_role', None), ('project_role__isnull', False)), _connector='OR'), name='scim_mapping_one_target')],
            },
        ),
        migrations.CreateModel(
            name='GroupGrant',
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
                'verbose_name': 'group grant',
                'verbose_name_plural': 'group grants',
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
                ('request_id', models.CharField(blank=True, max_length=64, verbose_name='request id')),
                ('duration', models.PositiveIntegerField(null=True, verbose_name='milliseconds')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'verbose_name': 'provisioning event',
                'verbose_name_plural': 'provisioning events',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['provider', 'id'], name='scim_event_order'), models.Index(fields=['at'], name='scim_event_at'), models.Index(fields=['resource_id'], name='scim_event_resource'), models.Index(fields=['request_id'], name='scim_event_request')],
            },
        ),
        migrations.RunPython(leave_room_for_updates, migrations.RunPython.noop),
        migrations.RunPython(install_counters, remove_counters),
    ]
